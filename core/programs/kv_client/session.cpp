// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_client/session.h"

#include "core/programs/kv_position.h"

namespace packetarium::programs::kv {

void Session::ask(wire::cluster::Message &request) const { request.add("after", m_seen); }

void Session::hear(const wire::cluster::Message &answer) {
  if (!answer.has("at")) return;
  const auto at = Position::parse(answer.text("at")), seen = Position::parse(m_seen);
  // What is no position of one log cannot be compared: the store knows what its newest covers.
  if (!at || !seen || *seen < *at) m_seen = answer.text("at");
}

} // namespace packetarium::programs::kv

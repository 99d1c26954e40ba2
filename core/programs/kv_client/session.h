// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/cluster_message.h"

#include <string>

namespace packetarium::programs::kv {

/// What one client has seen of a store, so that no member answers it from an earlier state: with
/// that it reads its own writes, and its reads never go back (Terry et al. 1994, Session Guarantees
/// for Weakly Consistent Replicated Data).
class Session {
public:
  /// Adds after= to a request.
  void ask(wire::cluster::Message &request) const;
  /// Takes the position that an answer tells, when it is a newer one.
  void hear(const wire::cluster::Message &answer);
  const std::string &seen() const { return m_seen; } ///< "0.0": nothing yet

private:
  std::string m_seen = "0.0";
};

} // namespace packetarium::programs::kv

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/server_watch.h"

#include "ui/widgets/format.h"

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr int playingMs = 150;

QString wordOf(analysis::ServiceHealth health) {
  using H = analysis::ServiceHealth;
  switch (health) {
  case H::Up: return ServerWatch::tr("up");
  case H::Degraded: return ServerWatch::tr("degraded");
  case H::Down: return ServerWatch::tr("down");
  case H::Unknown: break;
  }
  return ServerWatch::tr("unknown");
}

} // namespace

ServerWatch &ServerWatch::of(const ViewState &state) {
  auto *watch = state.findChild<ServerWatch *>(QString(), Qt::FindDirectChildrenOnly);
  // A child of what it watches, made when somebody first looks.
  if (watch == nullptr) watch = new ServerWatch(const_cast<ViewState &>(state));
  return *watch;
}

ServerWatch::ServerWatch(ViewState &state) : QObject(&state), m_state(state) {
  connect(&state, &ViewState::rebuilt, this, [this] { m_at.reset(); });
  connect(&state, &ViewState::truncated, this, [this] { m_at.reset(); });
}

const std::vector<analysis::ServerHealth> &ServerWatch::now() {
  const analysis::Cursor at = m_state.cursor();
  const bool same = m_at && m_at->at == at.at && m_at->upTo == at.upTo;
  const bool soon = m_at && m_state.playback().isPlaying() && m_at->upTo <= at.upTo &&
                    m_since.isValid() && m_since.elapsed() < playingMs;
  if (same || soon) return m_now;
  m_at = at;
  m_since.start();
  m_now = analysis::serverHealth(m_state.chronicle(), m_state.facts(), m_state.network(), at);
  return m_now;
}

const analysis::ServerHealth *ServerWatch::of(std::uint32_t node) {
  const auto &all = now();
  const auto it = std::lower_bound(all.begin(), all.end(), node,
                                   [](const auto &h, std::uint32_t n) { return h.node < n; });
  return it != all.end() && it->node == node ? &*it : nullptr;
}

QString serverHealthWords(const analysis::ServerHealth &health) {
  QString words = ServerWatch::tr("to its clients it is %1: %2 of %3 answered in time in a second")
                      .arg(wordOf(health.health))
                      .arg(health.inTime)
                      .arg(health.requests);
  if (health.inTime > 0)
    words += ServerWatch::tr(", half of them within %1 ms").arg(formatNumber(health.p50));
  return words;
}

} // namespace packetarium::ui

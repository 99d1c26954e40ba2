// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/server_health.h"
#include "ui/playback/view_state.h"

#include <QElapsedTimer>
#include <QObject>

#include <optional>
#include <vector>

namespace packetarium::ui {

// How the servers are at the cursor, as their clients see them. While the run plays it is looked at
// a few times a second; at rest for each cursor anew. One for all views of a state.
class ServerWatch : public QObject {
  Q_OBJECT
public:
  [[nodiscard]] static ServerWatch &of(const ViewState &state);
  [[nodiscard]] const std::vector<analysis::ServerHealth> &now();
  /// None: no client has asked it lately.
  [[nodiscard]] const analysis::ServerHealth *of(std::uint32_t node);

private:
  explicit ServerWatch(ViewState &state);

  ViewState &m_state;
  std::vector<analysis::ServerHealth> m_now;
  std::optional<analysis::Cursor> m_at;
  QElapsedTimer m_since;
};

/// "as its clients see it: degraded, 41 of 60 requests in the last second, p50 2.4 ms"
[[nodiscard]] QString serverHealthWords(const analysis::ServerHealth &health);

} // namespace packetarium::ui

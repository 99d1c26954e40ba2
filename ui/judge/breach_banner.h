// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/raft_invariants.h"
#include "ui/playback/view_state.h"
#include "ui/widgets/caption_card.h"

#include <optional>

namespace packetarium::ui {

/// Says that a promise of Raft was broken and stopped the run, why, and leads there. Floats at the
/// top of the widget that it is a child of.
class BreachBanner : public CaptionCard {
  Q_OBJECT
public:
  BreachBanner(ViewState &state, QWidget *over);

  /// None: nothing is broken.
  void tell(const std::optional<judge::Breach> &breach);
  [[nodiscard]] const std::optional<judge::Breach> &breach() const { return m_breach; }

Q_SIGNALS:
  void historyWanted();

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  void place();

  ViewState &m_state;
  std::optional<judge::Breach> m_breach;
};

} // namespace packetarium::ui

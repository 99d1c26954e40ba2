// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/judge/background.h"
#include "ui/judge/judgement.h"
#include "ui/playback/view_state.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <memory>

namespace packetarium::ui {

/// What the stores of the run have kept of their promises, judged on another thread as the run
/// becomes known. One for all views of a state; never waits.
class JudgeWatch : public QObject {
  Q_OBJECT
public:
  [[nodiscard]] static JudgeWatch &of(const ViewState &state);

  /// The last that was judged; never null.
  [[nodiscard]] const std::shared_ptr<const Judgement> &known() const { return m_known; }
  /// Something told is not judged yet.
  [[nodiscard]] bool isBusy() const;
  /// Shows these values until something happens in the run.
  void present(Judgement judgement);

Q_SIGNALS:
  void changed();

private:
  explicit JudgeWatch(ViewState &state);
  void forget();
  void judgeSoon();
  void judge();
  [[nodiscard]] std::size_t told() const;

  ViewState &m_state;
  std::shared_ptr<const Judgement> m_known = std::make_shared<Judgement>();
  QTimer m_soon;
  QElapsedTimer m_spent;
  std::size_t m_judged = 0; ///< facts that the last one knew
  bool m_stale = false;
  Background m_work;
};

/// Goes to just after the record and selects what it is about: the packet that brought it, else its
/// node or link.
void goToRecord(ViewState &state, trace::Sequence record);

} // namespace packetarium::ui

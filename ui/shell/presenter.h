// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"

#include <QObject>

namespace packetarium::ui {

class CaptionCard;

// The caption that a class reads while the teacher talks: the bookmark just gone to, or the step
// the story has reached. Page keys walk the bookmarks.
class Presenter : public QObject {
  Q_OBJECT
public:
  static constexpr double typeScale = 1.5;

  // The caption floats over the stage.
  Presenter(ViewState &state, QWidget &stage);

  bool isActive() const { return m_active; }
  void setActive(bool active);
  void nextBookmark();
  void previousBookmark();

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  void walk(int way);
  void refresh();
  void place();

  ViewState &m_state;
  QWidget &m_stage;
  CaptionCard *m_caption;
  bool m_active = false;
};

} // namespace packetarium::ui

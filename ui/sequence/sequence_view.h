// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"

#include <QWidget>

class QStackedLayout;

namespace packetarium::ui {

class EmptyState;
class IconButton;
class SequenceCanvas;

// The sequence diagram with its few controls at the right edge, or what to do while it is empty.
class SequenceView : public QWidget {
  Q_OBJECT
public:
  explicit SequenceView(ViewState &state, QWidget *parent = nullptr);
  [[nodiscard]] SequenceCanvas &canvas() const { return *m_canvas; }

private:
  QWidget *makeTools();
  void refreshTools();
  void refreshEmpty();

  ViewState &m_state;
  SequenceCanvas *m_canvas;
  EmptyState *m_empty;
  IconButton *m_hops = nullptr, *m_link = nullptr, *m_follow = nullptr;
  IconButton *m_zoomIn = nullptr, *m_zoomOut = nullptr;
};

} // namespace packetarium::ui

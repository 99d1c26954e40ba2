// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/overheard.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <vector>

namespace packetarium::ui {

// What of one conversation can be read, in fixed pitch; what is encrypted as blocks of which size
// and instant are all there is to see. Hovering a piece points out its packet in every view, a
// double click chooses it.
class OverheardView : public QWidget {
  Q_OBJECT
public:
  OverheardView(ViewState &state, QWidget *parent);

  void setConversation(const analysis::Conversation *conversation); // a copy of its pieces is taken
  [[nodiscard]] const std::vector<analysis::OverheardItem> &items() const { return m_items; }
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mouseDoubleClickEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;

private:
  struct Line {
    std::size_t item = 0;
    double top = 0, height = 0;
    bool head = false; // another frame or direction: its arrow and instant stand above
  };
  [[nodiscard]] std::vector<Line> linesFor(double width, double &height) const;
  [[nodiscard]] QString textOf(const analysis::OverheardItem &item) const;
  [[nodiscard]] const analysis::OverheardItem *itemAt(const QPointF &at) const;
  void paintHidden(QPainter &painter, const QRectF &box, const analysis::OverheardItem &item) const;
  void paintText(QPainter &painter, const QRectF &box, const analysis::OverheardItem &item) const;

  ViewState &m_state;
  std::vector<analysis::OverheardItem> m_items;
  std::uint64_t m_unlisted = 0, m_unlistedBytes = 0;
  std::vector<Line> m_lines;
};

} // namespace packetarium::ui

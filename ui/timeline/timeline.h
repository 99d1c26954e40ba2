// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/activity.h"
#include "ui/playback/view_state.h"
#include "ui/timeline/time_axis.h"

#include <QTimer>
#include <QWidget>

#include <optional>
#include <vector>

namespace packetarium::ui {

// The run as a strip: faults as bars, bookmarks as flags, phases as ticks, density of traffic, and
// the cursor. Press or drag anywhere to go there; the wheel zooms.
class Timeline : public QWidget {
  Q_OBJECT
public:
  explicit Timeline(ViewState &state, QWidget *parent = nullptr);

  const TimeAxis &axis() const { return m_axis; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

public Q_SLOTS:
  void showAll();
  void zoomIn();
  void zoomOut();

Q_SIGNALS:
  // Somebody wants a fault's script entry gone.
  void removeEntryRequested(const std::string &entryId);

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mouseReleaseEvent(QMouseEvent *event) override;
  void mouseDoubleClickEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void wheelEvent(QWheelEvent *event) override;
  void contextMenuEvent(QContextMenuEvent *event) override;

private:
  static constexpr int clipRowsMax = 3;
  struct Clip {
    analysis::FaultClip fault;
    int row = 0;
    QString text;
  };
  /// From top to bottom, in pixels.
  struct Rows {
    double clips = 0, clipHeight = 0, flags = 0, bars = 0, barsBottom = 0, axis = 0;
  };

  void onRebuilt();
  void onGrown();
  void refreshClips();
  void refreshActivity();
  void onCursor();
  void widenWhereSilent();
  void chooseSpan();
  void layOut();
  Rows rows() const;
  QRectF clipBox(const Clip &clip) const;
  const Clip *clipAt(QPointF point) const;
  const scenario::Bookmark *bookmarkAt(QPointF point) const;
  QString toolTipAt(QPointF point) const;
  const std::string *entryOf(const Clip &clip) const;

  void paintCaptions(QPainter &painter) const;
  void paintClips(QPainter &painter) const;
  void paintPhases(QPainter &painter) const;
  void paintActivity(QPainter &painter) const;
  void paintAxis(QPainter &painter) const;
  void paintFlags(QPainter &painter) const;
  void paintCursor(QPainter &painter) const;

  ViewState &m_state;
  TimeAxis m_axis;
  std::vector<Clip> m_clips;
  int m_clipRows = 1;
  std::vector<analysis::ActivityColumn> m_activity;
  double m_busiest = 1;
  QTimer m_activityTimer; // recount at most so often while a run comes in
  bool m_spanChosen = false;
  bool m_scrubbing = false;
  std::optional<double> m_panFrom;
  std::optional<double> m_hoverX;
};

} // namespace packetarium::ui

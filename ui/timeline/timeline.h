// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/activity.h"
#include "ui/document/clips.h"
#include "ui/playback/view_state.h"
#include "ui/timeline/time_axis.h"
#include "ui/widgets/key_help.h"

#include <QTimer>
#include <QWidget>

#include <optional>
#include <string>
#include <vector>

class QMenu;

namespace packetarium::ui {

// The run as a strip: faults as clips, bookmarks as flags, phases as ticks, density of traffic, and
// the cursor. Press or drag anywhere to go there; the wheel zooms. A clip is chosen by a click or
// the arrow keys, dragged to another time, stretched at its ends, and deleted.
class Timeline : public QWidget {
  Q_OBJECT
public:
  explicit Timeline(ViewState &state, QWidget *parent = nullptr);

  const TimeAxis &axis() const { return m_axis; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

  // The chosen clip, by the id of the script entry that begins it; empty: none.
  const std::string &chosenClip() const { return m_chosen; }
  void chooseClip(const std::string &beginId);
  // Where a clip is drawn, and while it is dragged where it would be; empty when it is not there.
  QRectF boxOf(const std::string &beginId) const;

  // The keys it takes itself while it has the keyboard.
  [[nodiscard]] static KeyHelpGroup keyHelp();

public Q_SLOTS:
  void showAll();
  void zoomIn();
  void zoomOut();

Q_SIGNALS:
  // A clip could not be put where it was dragged.
  void failed(const QString &message);

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
  void keyPressEvent(QKeyEvent *event) override;

private:
  static constexpr int clipRowsMax = 3;
  struct Clip {
    ScriptClip span; // the first of all; while it is dragged: where it would be
    int row = 0;
    QString text;
    std::vector<ScriptClip> all; // that begin and end together, the first one too
    [[nodiscard]] std::vector<std::string> ids() const;
  };
  enum class Grip { Body, Begin, End };
  struct Drag {
    std::string id;
    Grip grip = Grip::Body;
    ScriptClip before;
    QPointF pressed;
    Duration offset; // of the pointer's time from the one that is moved
    bool moved = false;
  };
  /// From top to bottom, in pixels.
  struct Rows {
    double clips = 0, clipHeight = 0, flags = 0, bars = 0, barsBottom = 0, axis = 0;
  };

  void startAnew();
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

  // What a person does to clips: timeline_clips.cpp.
  QString clipToolTip(const Clip &clip) const;
  QString textOf(const Clip &clip) const;
  Grip gripAt(const Clip &clip, QPointF point) const;
  QCursor cursorAt(QPointF point) const;
  bool grabClip(QPointF point);
  void dragClip(QPointF point, Qt::KeyboardModifiers modifiers);
  void dropClip();
  void cancelDrag();
  void report(const Status &status);
  SimTime snapped(SimTime t, Qt::KeyboardModifiers modifiers) const;
  Duration snapUnit() const;
  Clip *clipOf(const std::string &beginId);
  const Clip *clipOf(const std::string &beginId) const;
  bool isClipKey(const QKeyEvent &event) const;
  void stepChoice(int by);
  void nudge(int steps, bool stretch);
  void removeChosen();
  void selectTarget(const ScriptClip &clip);
  void fillClipMenu(QMenu &menu, const Clip &clip);

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
  std::string m_chosen;
  std::optional<Drag> m_drag;
  std::vector<analysis::ActivityColumn> m_activity;
  double m_busiest = 1;
  QTimer m_activityTimer; // recount at most so often while a run comes in
  bool m_spanChosen = false;
  bool m_scrubbing = false;
  bool m_awaiting = false; // an edit voided records; silence is not known before they come anew
  std::optional<double> m_panFrom;
};

} // namespace packetarium::ui

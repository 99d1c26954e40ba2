// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/journey.h"
#include "ui/playback/view_state.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <vector>

class QLabel;

namespace packetarium::ui {

class ClampedLabel;
class EmptyState;
class IconButton;
class SegmentedControl;

/// The towers of a packet's whole path. Draws what it is told; LayersView decides what that is.
class TowersCanvas : public QWidget {
  Q_OBJECT
public:
  TowersCanvas(ViewState &state, QWidget *parent);

  void setJourney(const analysis::Journey *journey); ///< owned by the caller, who outlives this
  void setPosition(const analysis::JourneyPosition &position);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
  /// The pointer came upon a layer, or left (empty text): its sentence and where that is written.
  void layerHovered(const QString &sentence, const QString &reference);

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;

private:
  struct Box {
    QRectF rect;
    std::size_t stop = 0;
    const analysis::LayerStory *story = nullptr;
    bool out = false;
  };
  [[nodiscard]] std::vector<Box> boxes() const;
  [[nodiscard]] const Box *boxAt(const std::vector<Box> &all, const QPointF &at) const;
  [[nodiscard]] QRectF column(std::size_t stop) const;
  [[nodiscard]] double rowHeight() const;
  [[nodiscard]] double headHeight() const;
  [[nodiscard]] int rows() const;
  [[nodiscard]] bool hasTls() const; ///< a row of its own, between two layers
  [[nodiscard]] int rowOf(int osiLayer) const;
  void paintHeads(QPainter &painter) const;
  void paintWires(QPainter &painter) const;
  void paintPacket(QPainter &painter) const;
  [[nodiscard]] QPointF packetPlace() const;
  [[nodiscard]] bool litBox(const Box &box) const;

  ViewState &m_state;
  const analysis::Journey *m_journey = nullptr;
  analysis::JourneyPosition m_position;
  const analysis::LayerStory *m_hovered = nullptr;
};

/// Towers at sender, each hop and receiver, with the packet growing headers on its way down and
/// shedding them on its way up. Shows the chosen packet, or else the one that moves just now.
class LayersView : public QWidget {
  Q_OBJECT
public:
  explicit LayersView(ViewState &state, QWidget *parent = nullptr);
  [[nodiscard]] const analysis::Journey &journey() const { return m_journey; }

protected:
  void resizeEvent(QResizeEvent *event) override;
  void showEvent(QShowEvent *event) override;

private:
  void refresh();
  void follow();
  void show(trace::Sequence record);
  void place();
  void play();
  void tick();
  void say(const QString &sentence, const QString &reference);
  [[nodiscard]] QString sentenceHere() const;

  ViewState &m_state;
  analysis::Journey m_journey;
  trace::Sequence m_record = 0;
  std::uint64_t m_seen = 0; ///< how much of the trace the journey was made from
  QTimer m_animation;
  QElapsedTimer m_elapsed;
  TowersCanvas *m_canvas;
  EmptyState *m_empty;
  QWidget *m_content;
  QLabel *m_title;
  ClampedLabel *m_sentence; ///< below the towers
  ClampedLabel *m_aside;    ///< the same, beside the title
  IconButton *m_play;
  SegmentedControl *m_model;
  bool m_hovering = false;
};

} // namespace packetarium::ui

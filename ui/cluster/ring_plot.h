// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme_hub.h"

#include <QString>
#include <QWidget>

#include <cstdint>
#include <optional>
#include <vector>

namespace packetarium::ui {

// A member of a quorum store on its ring.
struct RingNode {
  struct Hint {
    QString key, forName;
  };
  std::uint32_t node = 0;
  QString name;
  bool down = false;
  std::vector<std::uint32_t> tokens; // ascending
  std::vector<Hint> hints;           // what it keeps for others
};

// Who holds what lies at a point of the ring.
struct RingHolders {
  std::vector<std::size_t> replicas; // indices of nodes: its preference list
  std::optional<std::size_t> first;  // the first of them that is up coordinates
  std::vector<std::size_t> standIns; // the next ones that are up, for replicas that are down
};
// Going up from the point: the first so many distinct nodes.
[[nodiscard]] RingHolders holdersOf(const std::vector<RingNode> &nodes, std::uint32_t point,
                                    std::size_t replicas);
// The share of the ring whose keys have the node first.
[[nodiscard]] double ringShare(const std::vector<RingNode> &nodes, std::size_t node);

// The ring of a quorum store: whose arc each stretch is, and for a chosen point the nodes that hold
// it. A click chooses a point; the arrow keys go from one member's stretch to the next.
class RingPlot : public QWidget {
  Q_OBJECT
public:
  RingPlot(const ThemeHub &hub, QWidget *parent);

  void setNodes(std::vector<RingNode> nodes, std::size_t replicas);
  [[nodiscard]] const std::vector<RingNode> &nodes() const { return m_nodes; }
  void setPoint(std::optional<std::uint32_t> point, const QString &key);
  [[nodiscard]] std::optional<std::uint32_t> point() const { return m_point; }
  [[nodiscard]] RingHolders holders() const;
  // "cart lies at 3f21a0b4: b coordinates, c and d hold it too".
  [[nodiscard]] QString describe() const;
  // The ring stays whole in what is seen when the list beside it scrolls.
  [[nodiscard]] QRectF ringBox() const;
  [[nodiscard]] QPointF placeOf(std::uint32_t point) const; // on the ring
  [[nodiscard]] QRectF rowOf(std::size_t node) const;       // in the list beside it

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
  void pointChosen(quint32 point);
  void nodeChosen(quint32 node);

protected:
  void paintEvent(QPaintEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;
  void moveEvent(QMoveEvent *event) override;
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  struct Stretch {
    std::uint32_t from = 0, to = 0; // (from, to]; to is a token of the node
    std::size_t node = 0;
  };
  [[nodiscard]] std::vector<Stretch> stretches() const;
  [[nodiscard]] QRectF seen() const; // of this, where it scrolls
  [[nodiscard]] QPointF centre() const;
  [[nodiscard]] double radius() const;
  [[nodiscard]] QColor hueOf(std::size_t node) const;
  void paintStretches(QPainter &painter) const;
  void paintHolders(QPainter &painter) const;
  void paintRow(QPainter &painter, std::size_t node, const RingHolders &holders) const;

  const ThemeHub &m_hub;
  std::vector<RingNode> m_nodes;
  std::size_t m_replicas = 3;
  std::optional<std::uint32_t> m_point;
  QString m_key;
};

} // namespace packetarium::ui

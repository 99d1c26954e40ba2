// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_state.h"
#include "ui/playback/view_state.h"
#include "ui/topology/canvas_scene.h"
#include "ui/topology/static_layer.h"

#include <QObject>
#include <QPainter>
#include <QVariantAnimation>

#include <map>
#include <vector>

namespace packetarium::ui {

// Addresses of services beside the nodes that hold them. One that moves to another node glides
// there, unless motion is reduced.
class HeldTags : public QObject {
  Q_OBJECT
public:
  explicit HeldTags(ViewState &state, QObject *parent);

  // Whether who holds what has changed since it was asked last.
  bool update();
  // Finds room for each beside its node; they are blocked there.
  void place(const CanvasScene &scene, StaticLayer &layer);
  void paint(QPainter &painter) const;
  // "10.0.0.100" of the node, one a line.
  [[nodiscard]] QString addressesOf(std::uint32_t node) const;
  [[nodiscard]] QRectF boxOf(wire::Ipv4Address address) const;      // where it stands in the end
  [[nodiscard]] QRectF shownBoxOf(wire::Ipv4Address address) const; // and where on its way there
  [[nodiscard]] bool isGliding() const { return m_glide.state() == QVariantAnimation::Running; }

Q_SIGNALS:
  void moved(); // a step of the way

private:
  struct Tag {
    std::vector<std::uint32_t> nodes; // that hold it; two of them are a split brain
    std::vector<QRectF> boxes;        // beside each
    QRectF from;                      // where it comes from
    bool gliding = false;
  };
  [[nodiscard]] QRectF onItsWay(const Tag &tag, QRectF end) const;
  void paintTag(QPainter &painter, const QRectF &box, const QString &text, bool contested) const;

  ViewState &m_state;
  std::map<std::uint32_t, Tag> m_tags; // by address
  QVariantAnimation m_glide;
};

} // namespace packetarium::ui

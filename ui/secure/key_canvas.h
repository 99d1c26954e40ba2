// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/secure/key_tree.h"
#include "ui/theme/theme_hub.h"

#include <QWidget>

namespace packetarium::ui {

/// The schedule of keys as a tree. One stop in the tab order: arrows move from box to box.
class KeyCanvas : public QWidget {
  Q_OBJECT
public:
  KeyCanvas(const ThemeHub &hub, QWidget *parent);

  void setTree(KeyTree tree);
  [[nodiscard]] const KeyTree &tree() const { return m_tree; }
  [[nodiscard]] KeyLayout layoutAt(double width) const;
  [[nodiscard]] int current() const { return m_current; }
  void setCurrent(int box); ///< -1: none; emits nothing
  /// Boxes without values, where there is little height.
  void setCompact(bool compact);
  [[nodiscard]] int heightFor(bool compact) const;

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
  void chosen(int box); ///< by the user

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  [[nodiscard]] KeyMeasures measures(bool compact) const;
  [[nodiscard]] int boxAt(const QPointF &at) const;
  [[nodiscard]] int neighbour(int key) const;
  [[nodiscard]] QString describe(const KeyBox &box) const;
  void choose(int box);
  void paintEdge(QPainter &painter, const QRectF &from, const QRectF &to, bool exists) const;
  void paintBox(QPainter &painter, const QRectF &rect, const KeyBox &box, bool lit) const;

  const ThemeHub &m_hub;
  KeyTree m_tree;
  int m_current = -1;
  bool m_compact = false;
};

} // namespace packetarium::ui

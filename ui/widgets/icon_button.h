// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QToolButton>

#include <string>
#include <string_view>

namespace packetarium::ui {

class ThemeHub;

// A square button with one of our icons. Flat shows its frame under the pointer only, Framed
// always, Primary is wider and filled with the accent (Play/Pause). Works with setDefaultAction
// too: the tooltip, shortcut, checked and enabled states then follow the action, the icon stays
// ours.
class IconButton : public QToolButton {
  Q_OBJECT
public:
  enum class Variant { Flat, Framed, Primary };

  // label is the accessible name and, until setToolTip, the tooltip.
  IconButton(const ThemeHub &hub, std::string_view icon, const QString &label,
             Variant variant = Variant::Flat, QWidget *parent = nullptr);

  void setIconName(std::string_view icon);
  [[nodiscard]] std::string_view iconName() const { return m_icon; }
  void setLabel(const QString &label);
  // Edge in pixels at scale 1; 30 by default. Primary is 1.5 times as wide.
  void setEdge(int px);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;

private:
  [[nodiscard]] QColor fillColour() const;
  [[nodiscard]] QColor glyphColour() const;

  const ThemeHub &m_hub;
  std::string m_icon;
  Variant m_variant;
  int m_edge = 30;
};

} // namespace packetarium::ui

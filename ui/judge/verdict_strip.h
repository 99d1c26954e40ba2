// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/judgement.h"
#include "ui/theme/theme_hub.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace packetarium::ui {

/// The promises of a store as lights: each with a sign and its name, red from the instant on at
/// which it was broken. In as many lines as they need. A click, or Return, asks why.
class VerdictStrip : public QWidget {
  Q_OBJECT
public:
  explicit VerdictStrip(const ThemeHub &hub, QWidget *parent = nullptr);

  void setLights(std::vector<analysis::Light> lights);
  /// Never more than one line, as far as that goes: kept promises lose their names.
  void setOneLine(bool oneLine);
  /// The record after which the lights are seen.
  void setUpTo(trace::Sequence upTo);
  /// The light that is explained somewhere.
  void setChosen(std::optional<std::size_t> light);
  [[nodiscard]] const std::vector<analysis::Light> &lights() const { return m_lights; }
  [[nodiscard]] std::vector<QRectF> boxes(double width) const;
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
  void chosen(int light);

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  [[nodiscard]] std::optional<std::size_t> lightAt(QPointF point) const;
  void move(int by);
  void tell();

  const ThemeHub &m_hub;
  std::vector<analysis::Light> m_lights;
  trace::Sequence m_upTo = 0;
  bool m_oneLine = false;
  std::size_t m_current = 0;
  std::optional<std::size_t> m_hovered, m_chosen;
};

} // namespace packetarium::ui

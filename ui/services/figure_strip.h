// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme_hub.h"

#include <QWidget>

#include <vector>

namespace packetarium::ui {

/// A figure with a quiet caption above it.
struct FigureCell {
  QString caption, value;
  enum class Ink { Text, Good, Warn, Bad } ink = Ink::Text;
  bool operator==(const FigureCell &) const = default;
};

/// Figures side by side, in as many lines as they need.
class FigureStrip : public QWidget {
  Q_OBJECT
public:
  explicit FigureStrip(const ThemeHub &hub, QWidget *parent = nullptr);

  void setCells(std::vector<FigureCell> cells);
  [[nodiscard]] const std::vector<FigureCell> &cells() const { return m_cells; }
  [[nodiscard]] std::vector<QRectF> boxes(double width) const;
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent *event) override;

private:
  const ThemeHub &m_hub;
  std::vector<FigureCell> m_cells;
};

} // namespace packetarium::ui

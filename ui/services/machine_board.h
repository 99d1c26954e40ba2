// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/services_shown.h"
#include "ui/theme/theme_hub.h"

#include <QWidget>

#include <vector>

namespace packetarium::ui {

/// What being available costs: each machine that is paid for, and how long it served and stood by.
class MachineBoard : public QWidget {
  Q_OBJECT
public:
  explicit MachineBoard(const ThemeHub &hub, QWidget *parent = nullptr);

  void setRows(std::vector<MachineRow> rows);
  [[nodiscard]] QString headline() const;
  /// Left to right: served, then stood by; they meet and fill the bar.
  struct Bars {
    QRectF row, active, idle;
  };
  [[nodiscard]] std::vector<Bars> bars() const;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent *event) override;

private:
  [[nodiscard]] double nameWidth() const;
  [[nodiscard]] double figureWidth() const;

  const ThemeHub &m_hub;
  std::vector<MachineRow> m_rows;
};

} // namespace packetarium::ui

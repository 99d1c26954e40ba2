// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_data.h"
#include "ui/theme/theme_hub.h"

#include <QDialog>

#include <vector>

class QComboBox;
class QLabel;
class QSpinBox;

namespace packetarium::ui {

// Which chart, how large, on which ground; shows it as it will be, and writes it.
class ExportDialog : public QDialog {
  Q_OBJECT
public:
  // chartId chooses one of the charts; empty chooses all.
  ExportDialog(const ThemeHub &hub, std::vector<ChartData> charts, const QString &chartId,
               QWidget *parent);

  [[nodiscard]] QSize pixels() const;
  [[nodiscard]] bool isAll() const;
  // Writes what is chosen: one chart to the file, or all into the folder of that name. A message,
  // or empty when it is done.
  [[nodiscard]] QString write(const QString &path) const;

private:
  void build();
  void setSize(int preset);
  void preview();
  void askAndWrite();
  [[nodiscard]] const ChartData &shown() const;
  [[nodiscard]] const Theme &ground() const;

  const ThemeHub &m_hub;
  std::vector<ChartData> m_charts;
  QComboBox *m_which, *m_preset, *m_ground;
  QSpinBox *m_width, *m_height;
  QLabel *m_preview, *m_message;
};

} // namespace packetarium::ui

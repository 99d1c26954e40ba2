// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/figure.h"
#include "ui/theme/theme_hub.h"

#include <QDialog>

#include <vector>

class QComboBox;
class QLabel;
class QSpinBox;

namespace packetarium::ui {

// Which picture, in which format, how large, on which ground; shows it as it will be, and writes
// it.
class ExportDialog : public QDialog {
  Q_OBJECT
public:
  // id chooses one of the figures; empty chooses all.
  ExportDialog(const ThemeHub &hub, std::vector<Figure> figures, const QString &id,
               QWidget *parent);

  [[nodiscard]] QSize pixels() const;
  [[nodiscard]] bool isAll() const;
  [[nodiscard]] QString format() const; // "png", "svg" or "csv"
  void setFormat(const QString &format);
  // Writes what is chosen: one figure to the file, or all into the folder of that name. A message,
  // or empty when it is done.
  [[nodiscard]] QString write(const QString &path) const;

private:
  void build();
  void setSize(int preset);
  void preview();
  void askAndWrite();
  [[nodiscard]] const Figure &shown() const;
  [[nodiscard]] const Theme &ground() const;

  const ThemeHub &m_hub;
  std::vector<Figure> m_figures;
  QComboBox *m_which, *m_format, *m_preset, *m_ground;
  QSpinBox *m_width, *m_height;
  QLabel *m_preview, *m_message;
};

} // namespace packetarium::ui

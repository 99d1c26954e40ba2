// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_export.h"

#include "ui/charts/chart_picture.h"

#include <QCoreApplication>
#include <QDir>
#include <QImageWriter>

namespace packetarium::ui {

QString writeChart(const ChartData &chart, const QString &file, QSize pixels, const Theme &theme,
                   const Typography &type) {
  QImage image = ChartPicture::slide(chart, pixels, theme, type);
  image.setText(QStringLiteral("Title"), chart.title);
  image.setText(QStringLiteral("Software"), QStringLiteral("Packetarium"));
  QImageWriter writer(file, "png");
  if (writer.write(image)) return {};
  return QCoreApplication::translate("Chart", "%1 cannot be written: %2")
      .arg(QDir::toNativeSeparators(file), writer.errorString());
}

QStringList writeCharts(const std::vector<ChartData> &charts, const QString &folder, QSize pixels,
                        const Theme &theme, const Typography &type, QString *message) {
  QStringList files;
  for (const ChartData &chart : charts) {
    const QString file = QDir(folder).filePath(chart.id + QStringLiteral(".png"));
    const QString fault = writeChart(chart, file, pixels, theme, type);
    if (!fault.isEmpty()) {
      if (message != nullptr) *message = fault;
      return {};
    }
    files << file;
  }
  return files;
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_export.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QImageWriter>
#include <QSaveFile>
#include <QSvgGenerator>

namespace packetarium::ui {
namespace {

QString cannotWrite(const QString &file, const QString &why) {
  return QCoreApplication::translate("Chart", "%1 cannot be written: %2")
      .arg(QDir::toNativeSeparators(file), why);
}

QString writePng(const Figure &figure, const QString &file, QSize pixels, const Theme &theme,
                 const Typography &type) {
  QImage image = figure.image(pixels, theme, type);
  image.setText(QStringLiteral("Title"), figure.title);
  image.setText(QStringLiteral("Software"), QStringLiteral("Packetarium"));
  QImageWriter writer(file, "png");
  return writer.write(image) ? QString() : cannotWrite(file, writer.errorString());
}

QString writeSvg(const Figure &figure, const QString &file, QSize pixels, const Theme &theme,
                 const Typography &type) {
  QSaveFile out(file);
  if (!out.open(QIODevice::WriteOnly)) return cannotWrite(file, out.errorString());
  QSvgGenerator svg;
  svg.setOutputDevice(&out);
  svg.setSize(pixels);
  svg.setViewBox(QRect(QPoint(0, 0), pixels));
  svg.setResolution(96); // a CSS pixel is 1/96 inch
  svg.setTitle(figure.title);
  svg.setDescription(QStringLiteral("Packetarium"));
  QPainter painter;
  if (!painter.begin(&svg)) return cannotWrite(file, out.errorString());
  figure.paint(painter, QSizeF(pixels), theme, type);
  painter.end();
  return out.commit() ? QString() : cannotWrite(file, out.errorString());
}

QString writeCsv(const Figure &figure, const QString &file) {
  QSaveFile out(file);
  if (!out.open(QIODevice::WriteOnly)) return cannotWrite(file, out.errorString());
  out.write(figure.csv());
  return out.commit() ? QString() : cannotWrite(file, out.errorString());
}

} // namespace

QString writeFigure(const Figure &figure, const QString &file, QSize pixels, const Theme &theme,
                    const Typography &type) {
  const QString ending = QFileInfo(file).suffix().toLower();
  if (ending == QLatin1String("svg")) return writeSvg(figure, file, pixels, theme, type);
  if (ending == QLatin1String("csv")) return writeCsv(figure, file);
  return writePng(figure, file, pixels, theme, type);
}

QStringList writeFigures(const std::vector<Figure> &figures, const QString &folder,
                         const QString &format, QSize pixels, const Theme &theme,
                         const Typography &type, QString *message) {
  QStringList files;
  for (const Figure &figure : figures) {
    const QString file = QDir(folder).filePath(figure.id + QLatin1Char('.') + format);
    const QString fault = writeFigure(figure, file, pixels, theme, type);
    if (!fault.isEmpty()) {
      if (message != nullptr) *message = fault;
      return {};
    }
    files << file;
  }
  return files;
}

std::vector<Figure> figuresOf(const std::vector<ChartData> &charts) {
  std::vector<Figure> out;
  for (const ChartData &chart : charts) out.push_back(figureOf(chart));
  return out;
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include <algorithm>
#include <cmath>
#include <string>

namespace packetarium::ui {

namespace {

QString pathOf(std::string_view name) {
  return QStringLiteral(":/icons/%1.svg").arg(QLatin1String(name.data(), int(name.size())));
}

// Qt's SVG has no currentColor to hand in from outside, so the colour is written into the text.
QByteArray tinted(std::string_view name, const QColor &colour) {
  QFile file(pathOf(name));
  const bool opened = file.open(QIODevice::ReadOnly);
  Q_ASSERT_X(opened, "icons", std::string(name).c_str());
  if (!opened) return {};
  return file.readAll().replace("currentColor", colour.name().toLatin1());
}

QPixmap rendered(std::string_view name, QSize pixels, const QColor &colour) {
  const QString key = QStringLiteral("icon/%1/%2x%3/%4")
                          .arg(QLatin1String(name.data(), int(name.size())))
                          .arg(pixels.width())
                          .arg(pixels.height())
                          .arg(colour.name(QColor::HexArgb));
  QPixmap pixmap;
  if (QPixmapCache::find(key, &pixmap)) return pixmap;
  pixmap = QPixmap(pixels);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  paintIcon(painter, name, QRectF(QPointF(), QSizeF(pixels)), colour);
  painter.end();
  QPixmapCache::insert(key, pixmap);
  return pixmap;
}

struct StateColours {
  QColor normal;
  QColor disabled;
  QColor on;
};

// Renders for the size and pixel ratio of the moment, so that one QIcon is sharp on every screen.
class LineIconEngine : public QIconEngine {
public:
  LineIconEngine(std::string_view name, StateColours colours)
      : m_name(name), m_colours(std::move(colours)) {}

  void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override {
    paintIcon(*painter, m_name, rect, colourFor(mode, state));
  }

  QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override {
    return rendered(m_name, size, colourFor(mode, state));
  }

  QIconEngine *clone() const override { return new LineIconEngine(m_name, m_colours); }
  bool isNull() override { return false; }

private:
  [[nodiscard]] const QColor &colourFor(QIcon::Mode mode, QIcon::State state) const {
    if (mode == QIcon::Disabled) return m_colours.disabled;
    return state == QIcon::On || mode == QIcon::Selected ? m_colours.on : m_colours.normal;
  }

  std::string m_name;
  StateColours m_colours;
};

} // namespace

QIcon icon(std::string_view name, const Theme &theme) {
  Q_ASSERT_X(hasIcon(name), "icons", std::string(name).c_str());
  return QIcon(new LineIconEngine(name, {theme.text, theme.faint, theme.accent}));
}

QIcon icon(std::string_view name, const Theme &theme, const QColor &colour) {
  Q_ASSERT_X(hasIcon(name), "icons", std::string(name).c_str());
  return QIcon(new LineIconEngine(name, {colour, theme.faint, colour}));
}

QPixmap iconPixmap(std::string_view name, int sizePx, double dpr, const QColor &colour) {
  Q_ASSERT_X(hasIcon(name), "icons", std::string(name).c_str());
  const int edge = std::max(1, static_cast<int>(std::lround(sizePx * dpr)));
  QPixmap pixmap = rendered(name, QSize(edge, edge), colour);
  pixmap.setDevicePixelRatio(dpr);
  return pixmap;
}

void paintIcon(QPainter &painter, std::string_view name, const QRectF &box, const QColor &colour) {
  QSvgRenderer renderer(tinted(name, colour));
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setOpacity(painter.opacity() * colour.alphaF());
  const double edge = std::min(box.width(), box.height());
  const QRectF square(box.center() - QPointF(edge, edge) / 2, QSizeF(edge, edge));
  renderer.render(&painter, square);
  painter.restore();
}

QIcon applicationIcon() {
  QIcon result;
  for (const int edge : {16, 24, 32, 48, 64, 128, 256}) {
    QPixmap pixmap(edge, edge);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    QSvgRenderer(QStringLiteral(":/icons/app/packetarium.svg")).render(&painter);
    painter.end();
    result.addPixmap(pixmap);
  }
  return result;
}

} // namespace packetarium::ui

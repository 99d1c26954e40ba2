// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/layers/layer_paint.h"

#include "core/wire/packet.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QRegularExpression>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr double radius = 6;
constexpr int summaryLinesMax = 3;

QRectF innerOf(const QRectF &box, const Typography &typography) {
  return box.adjusted(typography.px(7), 0, -typography.px(5), 0);
}

/// Title and summary beside each other. A summary of which only the first letters would be left is
/// not shown at all, and a title shrinks before it is cut.
void paintOneLine(QPainter &painter, const QRectF &box, const QString &title,
                  const QString &summary, const Theme &theme, const Typography &typography) {
  QRectF inner = innerOf(box, typography);
  QFont font = typography.name();
  if (QFontMetricsF(font).horizontalAdvance(title) > inner.width() ||
      QFontMetricsF(font).height() > box.height()) {
    inner = box.adjusted(typography.px(5), 0, -typography.px(3), 0);
    font.setPixelSize(typography.tiny().pixelSize());
  }
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.drawText(inner, Qt::AlignVCenter | Qt::AlignLeft,
                   metrics.elidedText(title, Qt::ElideRight, inner.width()));
  const QFontMetricsF small(typography.tiny());
  const QRectF rest = inner.adjusted(metrics.horizontalAdvance(title) + typography.px(8), 0, 0, 0);
  const double wanted = std::min(small.horizontalAdvance(summary), double(typography.px(64)));
  if (summary.isEmpty() || rest.width() < wanted) return;
  painter.setFont(typography.tiny());
  painter.setPen(theme.dim);
  painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                   small.elidedText(summary, Qt::ElideRight, rest.width()));
}

/// The words in so many lines, broken between words; the last line takes what is left.
QStringList brokenInto(QString words, const QFontMetricsF &metrics, double width, int lines) {
  static const QRegularExpression counted(QStringLiteral("([A-Za-z]) (\\d+)$"));
  words.replace(counted, QStringLiteral("\\1\u00a0\\2")); // "TTL 63" stays together
  QStringList out{QString()};
  for (const QString &word : words.split(QLatin1Char(' '))) {
    const QString longer = out.back().isEmpty() ? word : out.back() + QLatin1Char(' ') + word;
    const bool fits = metrics.horizontalAdvance(longer) <= width;
    if (fits || out.back().isEmpty() || out.size() == lines)
      out.back() = longer;
    else
      out << word;
  }
  out.back() = metrics.elidedText(out.back(), Qt::ElideRight, width);
  return out;
}

QString shortName(const analysis::LayerStory &story) {
  switch (story.layer) {
  case 1: return {};
  case 2: return QStringLiteral("Eth");
  default: return protocolClassName(story.protocol);
  }
}

} // namespace

QColor protocolClassColour(const Theme &theme, std::uint8_t protocolClass) {
  switch (static_cast<wire::ProtocolClass>(protocolClass)) {
  case wire::ProtocolClass::Tcp: return theme.tcp;
  case wire::ProtocolClass::Http:
  case wire::ProtocolClass::Voice: return theme.http;
  case wire::ProtocolClass::Tls: return theme.tls;
  case wire::ProtocolClass::Arp:
  case wire::ProtocolClass::Vrrp:
  case wire::ProtocolClass::Ethernet: return theme.arp;
  case wire::ProtocolClass::Cluster: return theme.cluster;
  case wire::ProtocolClass::Ip:
  case wire::ProtocolClass::Icmp:
  case wire::ProtocolClass::Udp:
  case wire::ProtocolClass::Dns: return theme.ip;
  case wire::ProtocolClass::Other: break;
  }
  return theme.dim;
}

QString protocolClassName(std::uint8_t protocolClass) {
  switch (static_cast<wire::ProtocolClass>(protocolClass)) {
  case wire::ProtocolClass::Tcp: return QStringLiteral("TCP");
  case wire::ProtocolClass::Http: return QStringLiteral("HTTP");
  case wire::ProtocolClass::Voice: return QStringLiteral("RTP");
  case wire::ProtocolClass::Tls: return QStringLiteral("TLS");
  case wire::ProtocolClass::Arp: return QStringLiteral("ARP");
  case wire::ProtocolClass::Ethernet: return QStringLiteral("Ethernet");
  case wire::ProtocolClass::Vrrp: return QStringLiteral("VRRP");
  case wire::ProtocolClass::Cluster: return QStringLiteral("Cluster");
  case wire::ProtocolClass::Ip: return QStringLiteral("IP");
  case wire::ProtocolClass::Icmp: return QStringLiteral("ICMP");
  case wire::ProtocolClass::Udp: return QStringLiteral("UDP");
  case wire::ProtocolClass::Dns: return QStringLiteral("DNS");
  case wire::ProtocolClass::Other: break;
  }
  return QStringLiteral("Frame");
}

QColor layerColour(const Theme &theme, const analysis::LayerStory &story) {
  if (story.layer == 1) return theme.dim;
  return protocolClassColour(theme, story.protocol);
}

QString layerTitle(const analysis::LayerStory &story) {
  if (story.between && story.layer == 6)
    return QStringLiteral("5–6 %1").arg(QString::fromStdString(story.title));
  return QStringLiteral("%1 %2").arg(story.layer).arg(QString::fromStdString(story.title));
}

void paintLayerBox(QPainter &painter, const QRectF &box, const analysis::LayerStory &story,
                   const Theme &theme, const Typography &typography, LayerBoxLook look) {
  const QColor hue = layerColour(theme, story);
  const QColor fill = story.active ? mix(hue, theme.panel, look.lit ? 0.18 : 0.06) : theme.panel;
  const QColor line = story.active ? hue : theme.line;
  painter.setPen(QPen(line, story.active ? (look.lit ? 2.0 : 1.4) : 1.0));
  painter.setBrush(fill);
  painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);

  const QRectF inner = innerOf(box, typography);
  const QFont titleFont = typography.name();
  const QFont textFont = typography.tiny();
  const QColor ink = story.active ? theme.text : theme.dim;
  const QString title = layerTitle(story);
  const QString summary = QString::fromStdString(story.summary);
  const QFontMetricsF titleMetrics(titleFont);
  const QFontMetricsF textMetrics(textFont);

  painter.setPen(ink);
  if (look.compact || summary.isEmpty())
    return paintOneLine(painter, box, title, summary, theme, typography);
  const double gap = 1;
  const QStringList lines = brokenInto(summary, textMetrics, inner.width(), look.summaryLines);
  const double height =
      titleMetrics.height() + gap + static_cast<double>(lines.size()) * textMetrics.height();
  const double top = inner.center().y() - height / 2;
  painter.setFont(titleFont);
  painter.drawText(QRectF(inner.left(), top, inner.width(), titleMetrics.height()),
                   Qt::AlignVCenter | Qt::AlignLeft,
                   titleMetrics.elidedText(title, Qt::ElideRight, inner.width()));
  painter.setFont(textFont);
  painter.setPen(theme.dim);
  QRectF place(inner.left(), top + titleMetrics.height() + gap, inner.width(),
               textMetrics.height());
  for (const QString &words : lines) {
    painter.drawText(place, Qt::AlignVCenter | Qt::AlignLeft, words);
    place.translate(0, textMetrics.height());
  }
}

int summaryLinesFor(const analysis::LayerStory &story, double boxWidth,
                    const Typography &typography) {
  const double width = innerOf(QRectF(0, 0, boxWidth, 0), typography).width();
  const QFontMetricsF metrics(typography.tiny());
  const QString words = QString::fromStdString(story.summary);
  return static_cast<int>(brokenInto(words, metrics, width, summaryLinesMax).size());
}

void paintPdu(QPainter &painter, const QRectF &bar, const std::vector<analysis::LayerStory> &layers,
              int top, const Theme &theme, const Typography &typography) {
  std::vector<const analysis::LayerStory *> parts; // outermost first
  for (auto it = layers.rbegin(); it != layers.rend(); ++it)
    if (it->layer >= std::max(top, 2) && it->headerTo > it->headerFrom) parts.push_back(&*it);
  if (parts.empty()) return;
  const QFont font = typography.tiny();
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  double widths = 0;
  std::vector<double> width;
  for (const auto *part : parts) {
    width.push_back(metrics.horizontalAdvance(shortName(*part)) + typography.px(10));
    widths += width.back();
  }
  const double scale = std::min(1.0, bar.width() / widths);
  double x = bar.center().x() - widths * scale / 2;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const QRectF cell(x, bar.top(), width[i] * scale, bar.height());
    const QColor hue = layerColour(theme, *parts[i]);
    painter.setPen(QPen(theme.canvas, 1));
    painter.setBrush(hue);
    painter.drawRoundedRect(cell, 3, 3);
    painter.setPen(theme.onAccent);
    painter.drawText(cell, Qt::AlignCenter,
                     metrics.elidedText(shortName(*parts[i]), Qt::ElideRight, cell.width() - 4));
    x += cell.width();
  }
}

} // namespace packetarium::ui

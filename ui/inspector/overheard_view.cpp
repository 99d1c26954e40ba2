// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/overheard_view.h"

#include "ui/theme/icons.h"
#include "ui/widgets/format.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QTextLayout>
#include <QTextOption>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

using analysis::Exposure;
using analysis::OverheardItem;

// Between words where there are any; a cookie has none.
QTextOption wrapped() {
  QTextOption option;
  option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
  return option;
}

double wrappedHeight(const QString &text, const QFont &font, double width) {
  QTextLayout layout(text, font);
  layout.setTextOption(wrapped());
  layout.beginLayout();
  double height = 0;
  for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
    line.setLineWidth(width);
    height += line.height();
  }
  layout.endLayout();
  return height;
}

/// Records of a few bytes and of 16 kB both have to fit: equal steps for equal ratios.
double shareOf(std::uint64_t bytes) {
  const double most = std::log2(16640.0);
  return std::clamp(std::log2(static_cast<double>(std::max<std::uint64_t>(bytes, 2))) / most, 0.12,
                    1.0);
}

QFont fontOf(const OverheardItem &item, const Typography &type) {
  QFont font = item.exposure == Exposure::Readable ? type.monoSmall() : type.secondary();
  if (item.telling) font.setWeight(QFont::DemiBold);
  return font;
}

} // namespace

OverheardView::OverheardView(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  setMouseTracking(true);
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setAccessibleName(tr("What can be read of the conversation"));
  connect(&state.hub(), &ThemeHub::changed, this, [this] {
    double height = 0;
    m_lines = linesFor(width(), height);
    updateGeometry();
    update();
  });
}

void OverheardView::setConversation(const analysis::Conversation *conversation) {
  m_items = conversation != nullptr ? conversation->items : std::vector<OverheardItem>();
  m_unlisted = conversation != nullptr ? conversation->unlisted : 0;
  m_unlistedBytes = conversation != nullptr ? conversation->unlistedBytes : 0;
  double height = 0;
  m_lines = linesFor(width(), height);
  setAccessibleDescription(conversation != nullptr ? QString::fromStdString(conversation->summary())
                                                   : QString());
  updateGeometry();
  update();
}

QString OverheardView::textOf(const OverheardItem &item) const {
  const QString text = QString::fromStdString(item.text);
  // A start line and a body speak for themselves.
  if (item.what == "request" || item.what == "response" || item.what == "body" ||
      item.what == "bytes")
    return text;
  return QString::fromStdString(item.what) + QStringLiteral(": ") + text;
}

std::vector<OverheardView::Line> OverheardView::linesFor(double width, double &height) const {
  const Typography &type = m_state.typography();
  std::vector<Line> lines;
  double y = 0;
  const OverheardItem *before = nullptr;
  for (std::size_t i = 0; i < m_items.size(); ++i) {
    const OverheardItem &item = m_items[i];
    Line line;
    line.item = i;
    line.head = before == nullptr || before->back != item.back || before->at != item.at;
    if (line.head) y += (before != nullptr ? type.px(6) : 0) + type.px(15);
    line.top = y;
    if (item.exposure == Exposure::Hidden && item.bytes > 0) {
      line.height = type.px(20);
    } else {
      const double room = std::max(40.0, width - type.px(10));
      line.height = wrappedHeight(textOf(item), fontOf(item, type), room) + type.px(2);
    }
    y += line.height;
    lines.push_back(line);
    before = &item;
  }
  if (m_unlisted > 0) y += type.px(20);
  height = y + type.px(4);
  return lines;
}

int OverheardView::heightForWidth(int width) const {
  double height = 0;
  const auto lines = linesFor(width, height);
  return lines.empty() ? 0 : static_cast<int>(std::ceil(height));
}

QSize OverheardView::sizeHint() const {
  const int wide = m_state.typography().px(240);
  return {wide, heightForWidth(std::max(wide, width()))};
}

void OverheardView::resizeEvent(QResizeEvent *) {
  double height = 0;
  m_lines = linesFor(width(), height);
}

void OverheardView::paintHidden(QPainter &painter, const QRectF &box,
                                const OverheardItem &item) const {
  const Theme &theme = m_state.theme();
  const Typography &type = m_state.typography();
  const QString size = formatBytes(static_cast<std::int64_t>(item.bytes));
  const double words = type.px(74);
  const double room = box.width() - words - type.px(8);
  const QRectF bar(box.left(), box.top() + type.px(3), room * shareOf(item.bytes),
                   box.height() - type.px(6));
  painter.setPen(Qt::NoPen);
  painter.setBrush(mix(theme.tls, theme.panel, 0.22));
  painter.drawRoundedRect(bar, 3, 3);
  painter.setBrush(QBrush(mix(theme.tls, theme.panel, 0.5), Qt::BDiagPattern));
  painter.drawRoundedRect(bar, 3, 3);
  painter.setFont(type.tiny());
  painter.setPen(theme.dim);
  painter.drawText(QRectF(box.right() - words, box.top(), words, box.height()),
                   Qt::AlignVCenter | Qt::AlignRight, size);
}

void OverheardView::paintText(QPainter &painter, const QRectF &box,
                              const OverheardItem &item) const {
  const Theme &theme = m_state.theme();
  painter.setFont(fontOf(item, m_state.typography()));
  painter.setPen(item.telling ? theme.text : theme.dim);
  painter.drawText(box, textOf(item), wrapped());
}

void OverheardView::paintEvent(QPaintEvent *event) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme &theme = m_state.theme();
  const Typography &type = m_state.typography();
  const double left = type.px(10);
  for (const Line &line : m_lines) {
    if (line.top + line.height < event->rect().top()) continue;
    if (line.top - type.px(15) > event->rect().bottom()) break;
    const OverheardItem &item = m_items[line.item];
    if (line.head) {
      const QRectF head(0, line.top - type.px(15), width(), type.px(14));
      painter.setFont(type.tiny());
      painter.setPen(item.back ? theme.accent : theme.good);
      painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft,
                       item.back ? tr("← back") : tr("→ out"));
      painter.setPen(theme.dim);
      painter.drawText(head, Qt::AlignVCenter | Qt::AlignRight, formatTimeShort(item.at.ns()));
    }
    const QRectF box(left, line.top, width() - left, line.height);
    if (item.exposure == Exposure::Hidden && item.bytes > 0)
      paintHidden(painter, box, item);
    else
      paintText(painter, box, item);
  }
  if (m_unlisted == 0 || m_lines.empty()) return;
  painter.setFont(type.secondary());
  painter.setPen(theme.dim);
  painter.drawText(QRectF(0, m_lines.back().top + m_lines.back().height, width(), type.px(20)),
                   Qt::AlignVCenter | Qt::AlignLeft,
                   tr("… and %1 more, %2")
                       .arg(formatCount(static_cast<std::int64_t>(m_unlisted)),
                            formatBytes(static_cast<std::int64_t>(m_unlistedBytes))));
}

const OverheardItem *OverheardView::itemAt(const QPointF &at) const {
  for (const Line &line : m_lines)
    if (at.y() >= line.top && at.y() < line.top + line.height) return &m_items[line.item];
  return nullptr;
}

bool OverheardView::event(QEvent *event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto *help = static_cast<QHelpEvent *>(event);
  const OverheardItem *item = itemAt(help->pos());
  if (item == nullptr)
    QToolTip::hideText();
  else
    QToolTip::showText(
        help->globalPos(),
        tr("%1: %2\nDouble click shows the packet")
            .arg(QString::fromStdString(item->what), QString::fromStdString(item->text)),
        this);
  return true;
}

void OverheardView::mouseMoveEvent(QMouseEvent *event) {
  const OverheardItem *item = itemAt(event->position());
  m_state.hover(item != nullptr ? m_state.packetOf(item->sent) : Selection{});
}

void OverheardView::mouseDoubleClickEvent(QMouseEvent *event) {
  if (const OverheardItem *item = itemAt(event->position())) m_state.selectRecord(item->sent);
}

void OverheardView::leaveEvent(QEvent *) { m_state.hover({}); }

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/hex_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace packetarium::ui {
namespace {

bool covers(const wire::Field &f, std::uint32_t byte) {
  return f.length > 0 && f.offset <= byte && byte < f.offset + f.length;
}

} // namespace

QColor dissectionColour(const Theme &theme, std::string_view abbrev) {
  const std::string_view root = abbrev.substr(0, abbrev.find('.'));
  if (root == "frame") return theme.dim;
  if (root == "eth" || root == "arp" || root == "vrrp") return theme.arp;
  if (root == "ip" || root == "icmp" || root == "udp" || root == "dns") return theme.ip;
  if (root == "tcp") return theme.tcp;
  if (root == "tls") return theme.tls;
  if (root == "cluster") return theme.cluster;
  return theme.http;
}

const wire::Field *fieldCovering(const std::vector<wire::Field> &fields, std::uint32_t byte) {
  const wire::Field *best = nullptr;
  for (const wire::Field &f : fields) {
    const wire::Field *inner = fieldCovering(f.children, byte);
    const wire::Field *candidate = inner != nullptr ? inner : covers(f, byte) ? &f : nullptr;
    if (candidate == nullptr) continue;
    // A field inside is always at least as precise as one around it.
    if (best == nullptr || candidate->length <= best->length) best = candidate;
  }
  return best;
}

HexView::HexView(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Bytes of the frame"));
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  connect(&state, &ViewState::byteRangeChanged, this, qOverload<>(&QWidget::update));
  connect(&state.hub(), &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void HexView::setDissection(const wire::Dissection &dissection) {
  m_bytes = dissection.bytes;
  m_layers = dissection.layers;
  m_pinned = -1;
  m_hues.assign(m_bytes.size(), 0);
  for (std::size_t i = 0; i < m_layers.size(); ++i)
    for (std::uint32_t b = 0; b < m_layers[i].length && m_layers[i].offset + b < m_bytes.size();
         ++b)
      m_hues[m_layers[i].offset + b] = static_cast<std::uint8_t>(i + 1);
  updateGeometry();
  update();
}

HexView::Geometry HexView::geometry(int width) const {
  const QFontMetricsF metrics(m_state.typography().monoSmall());
  const double digit = metrics.horizontalAdvance(QLatin1Char('0'));
  Geometry g;
  g.cell = digit * 2.75;
  g.gap = digit;
  g.left = digit * 4.75;
  g.row = metrics.height() * 1.25;
  // Sixteen a row stand a little closer where they would not fit otherwise.
  const double share = (width - g.left - g.gap) / 16;
  g.perRow = share >= digit * 2.4 ? 16 : 8;
  if (g.perRow == 16) g.cell = std::min(g.cell, share);
  return g;
}

int HexView::heightForWidth(int width) const {
  const Geometry g = geometry(width);
  const auto rows = (static_cast<int>(m_bytes.size()) + g.perRow - 1) / g.perRow;
  return static_cast<int>(rows * g.row) + 4;
}

QSize HexView::sizeHint() const {
  const Geometry g = geometry(1 << 20);
  const int width = static_cast<int>(g.left + 16 * g.cell + g.gap);
  return {width, heightForWidth(width)};
}

QSize HexView::minimumSizeHint() const {
  const Geometry g = geometry(0);
  return {static_cast<int>(g.left + 8 * g.cell), static_cast<int>(g.row)};
}

QRectF HexView::cell(const Geometry &g, std::size_t index) const {
  const auto column = static_cast<int>(index) % g.perRow;
  const auto row = static_cast<int>(index) / g.perRow;
  return {g.left + column * g.cell + (column >= 8 ? g.gap : 0), row * g.row, g.cell, g.row};
}

int HexView::indexAt(const QPointF &at) const {
  const Geometry g = geometry(width());
  const int row = static_cast<int>(at.y() / g.row);
  for (int c = 0; c < g.perRow; ++c) {
    const int index = row * g.perRow + c;
    if (index >= 0 && index < static_cast<int>(m_bytes.size()) &&
        cell(g, static_cast<std::size_t>(index)).contains(at))
      return index;
  }
  return -1;
}

ByteRange HexView::fieldAt(std::uint32_t index) const {
  const wire::Field *f = fieldCovering(m_layers, index);
  if (f == nullptr) return {index, index + 1};
  return {f->offset, f->offset + f->length};
}

void HexView::light(int index) {
  m_state.setByteRange(index < 0 ? ByteRange{} : fieldAt(static_cast<std::uint32_t>(index)));
}

void HexView::mouseMoveEvent(QMouseEvent *event) {
  if (m_pinned < 0) light(indexAt(event->position()));
}

void HexView::mousePressEvent(QMouseEvent *event) {
  const int index = indexAt(event->position());
  m_pinned = m_pinned == index ? -1 : index;
  light(index);
}

void HexView::leaveEvent(QEvent *) {
  if (m_pinned < 0) m_state.setByteRange({});
}

KeyHelpGroup HexView::keyHelp() {
  return {tr("On a packet's bytes"),
          {{tr("Byte beside it"), {Qt::Key_Left, Qt::Key_Right}, {}},
           {tr("Byte above, below"), {Qt::Key_Up, Qt::Key_Down}, {}}}};
}

bool HexView::event(QEvent *event) {
  if (event->type() == QEvent::ShortcutOverride) {
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool arrow = key->key() >= Qt::Key_Left && key->key() <= Qt::Key_Down;
    // Else left and right would step the run.
    if (arrow && (key->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier) {
      event->accept();
      return true;
    }
  }
  return QWidget::event(event);
}

void HexView::keyPressEvent(QKeyEvent *event) {
  const int perRow = geometry(width()).perRow;
  int step = 0;
  switch (event->key()) {
  case Qt::Key_Left: step = -1; break;
  case Qt::Key_Right: step = 1; break;
  case Qt::Key_Up: step = -perRow; break;
  case Qt::Key_Down: step = perRow; break;
  default: QWidget::keyPressEvent(event); return;
  }
  m_pinned = std::clamp(m_pinned + step, 0, std::max(0, static_cast<int>(m_bytes.size()) - 1));
  light(m_pinned);
}

void HexView::paintEvent(QPaintEvent *event) {
  const Theme &theme = m_state.theme();
  const Geometry g = geometry(width());
  QPainter painter(this);
  painter.setFont(m_state.typography().monoSmall());
  painter.setRenderHint(QPainter::Antialiasing);
  const auto firstRow = std::max(0, static_cast<int>(event->rect().top() / g.row));
  const auto lastRow = static_cast<int>(event->rect().bottom() / g.row);
  const ByteRange range = m_state.byteRange();
  for (int row = firstRow; row <= lastRow; ++row) {
    const auto begin = static_cast<std::size_t>(row) * static_cast<std::size_t>(g.perRow);
    if (begin >= m_bytes.size()) break;
    painter.setPen(theme.dim);
    painter.drawText(QRectF(0, row * g.row, g.left, g.row), Qt::AlignVCenter | Qt::AlignLeft,
                     QStringLiteral("%1").arg(begin, 4, 16, QLatin1Char('0')));
    const std::size_t end = std::min(m_bytes.size(), begin + static_cast<std::size_t>(g.perRow));
    for (std::size_t i = begin; i < end; ++i) {
      const QRectF box = cell(g, i);
      const QColor hue =
          m_hues[i] == 0 ? theme.dim : dissectionColour(theme, m_layers[m_hues[i] - 1].abbrev);
      if (range.from <= i && i < range.to) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(mix(hue, theme.panel, 0.22));
        const bool joined = i + 1 < range.to && i + 1 < end;
        painter.drawRect(box.adjusted(0, 1, joined && i % 8 == 7 ? g.gap : 0, -1));
      }
      painter.setPen(hue);
      painter.drawText(box, Qt::AlignCenter,
                       QStringLiteral("%1").arg(m_bytes[i], 2, 16, QLatin1Char('0')));
    }
  }
  if (hasFocus()) {
    painter.setPen(QPen(theme.accent, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  }
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/ring_plot.h"

#include "ui/theme/icons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/paint.h"

#include <QAccessible>
#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QMoveEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <map>

namespace packetarium::ui {
namespace {

constexpr double wholeRing = 4294967296.0;
constexpr double rowTall = 22, rowWithHints = 36, listWide = 250, listMost = 320, band = 12;

struct Token {
  std::uint32_t at = 0;
  std::size_t node = 0;
};

std::vector<Token> tokensOf(const std::vector<RingNode> &nodes) {
  std::vector<Token> all;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const std::uint32_t at : nodes[i].tokens) all.push_back({at, i});
  std::sort(all.begin(), all.end(), [](const Token &a, const Token &b) {
    return a.at != b.at ? a.at < b.at : a.node < b.node;
  });
  return all;
}

// Letters, so that nothing is told by the hue alone.
QString letterOf(std::size_t node) {
  return node < 26 ? QString(QChar(u'A' + static_cast<char16_t>(node))) : QString::number(node + 1);
}

} // namespace

RingHolders holdersOf(const std::vector<RingNode> &nodes, std::uint32_t point,
                      std::size_t replicas) {
  const std::vector<Token> all = tokensOf(nodes);
  RingHolders holders;
  if (all.empty()) return holders;
  const auto begin = static_cast<std::size_t>(
      std::lower_bound(all.begin(), all.end(), point,
                       [](const Token &token, std::uint32_t at) { return token.at < at; }) -
      all.begin());
  std::vector<std::size_t> met;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::size_t node = all[(begin + i) % all.size()].node;
    if (std::find(met.begin(), met.end(), node) == met.end()) met.push_back(node);
  }
  std::size_t missing = 0;
  for (std::size_t i = 0; i < met.size(); ++i) {
    const bool down = nodes[met[i]].down;
    if (i < replicas) {
      holders.replicas.push_back(met[i]);
      missing += down;
      if (!down && !holders.first) holders.first = met[i];
    } else if (!down && holders.standIns.size() < missing) {
      holders.standIns.push_back(met[i]);
    }
  }
  return holders;
}

double ringShare(const std::vector<RingNode> &nodes, std::size_t node) {
  const std::vector<Token> all = tokensOf(nodes);
  if (all.size() < 2) return all.empty() ? 0 : 1;
  double share = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::uint32_t before = all[(i + all.size() - 1) % all.size()].at;
    if (all[i].node == node) share += (all[i].at - before) / wholeRing; // wraps round
  }
  return share;
}

RingPlot::RingPlot(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Ring of the store"));
  setToolTip(tr("Click on the ring: who holds the keys there"));
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void RingPlot::setNodes(std::vector<RingNode> nodes, std::size_t replicas) {
  m_nodes = std::move(nodes);
  m_replicas = replicas;
  updateGeometry();
  update();
}

void RingPlot::setPoint(std::optional<std::uint32_t> point, const QString &key) {
  m_point = point;
  m_key = key;
  setAccessibleDescription(describe());
  QAccessibleEvent told(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&told);
  update();
}

RingHolders RingPlot::holders() const {
  return m_point ? holdersOf(m_nodes, *m_point, m_replicas) : RingHolders{};
}

QString RingPlot::describe() const {
  if (!m_point) return tr("Type a key or click on the ring: who holds it");
  const RingHolders found = holders();
  QStringList others, standIns;
  for (const std::size_t node : found.replicas)
    if (found.first != node)
      others
          << (m_nodes[node].down ? tr("%1 (down)") : QStringLiteral("%1")).arg(m_nodes[node].name);
  for (const std::size_t node : found.standIns) standIns << m_nodes[node].name;
  const QString what = m_key.isEmpty() ? tr("What lies at %1") : m_key + tr(" lies at %1");
  QString text = what.arg(*m_point, 8, 16, QChar(u'0')) + QStringLiteral(": ");
  text += found.first ? tr("%1 coordinates").arg(m_nodes[*found.first].name)
                      : tr("none of its replicas is up");
  if (!others.isEmpty()) text += tr(", replicas too: %1").arg(others.join(tr(", ")));
  if (!standIns.isEmpty()) text += tr("; %1 may stand in").arg(standIns.join(tr(", ")));
  return text;
}

// ---- where things are -------------------------------------------------------------------------

QSize RingPlot::minimumSizeHint() const {
  double high = 8;
  for (const RingNode &node : m_nodes)
    high += m_hub.typography().px(node.hints.empty() ? rowTall : rowWithHints);
  return {m_hub.typography().px(listWide + 150),
          std::max(m_hub.typography().px(130), static_cast<int>(high))};
}

QSize RingPlot::sizeHint() const { return minimumSizeHint().expandedTo({480, 180}); }

QRectF RingPlot::seen() const {
  const QRectF whole(rect());
  if (parentWidget() == nullptr) return whole;
  const QRectF part = whole & QRectF(parentWidget()->rect().translated(-pos()));
  return part.isEmpty() ? whole : part;
}

double RingPlot::radius() const {
  const double room = width() - m_hub.typography().px(listWide) - 24;
  return std::max(24.0, std::min(room / 2 - 26, seen().height() / 2 - 22));
}

QPointF RingPlot::centre() const { return {radius() + 34, seen().center().y()}; }

QRectF RingPlot::ringBox() const {
  const double out = radius() + band / 2;
  return {centre() - QPointF(out, out), QSizeF(2 * out, 2 * out)};
}

// 0 is at the top, and the ring goes clockwise.
QPointF RingPlot::placeOf(std::uint32_t point) const {
  const double turn = point / wholeRing * 2 * M_PI;
  return centre() + QPointF(std::sin(turn), -std::cos(turn)) * radius();
}

QRectF RingPlot::rowOf(std::size_t node) const {
  const Typography &type = m_hub.typography();
  const double left = centre().x() + radius() + 40;
  double y = 4;
  for (std::size_t i = 0; i < node; ++i)
    y += type.px(m_nodes[i].hints.empty() ? rowTall : rowWithHints);
  return {left, y, std::clamp<double>(width() - left - 4, 80, type.px(listMost)),
          double(type.px(m_nodes[node].hints.empty() ? rowTall : rowWithHints))};
}

std::vector<RingPlot::Stretch> RingPlot::stretches() const {
  const std::vector<Token> all = tokensOf(m_nodes);
  std::vector<Stretch> out;
  for (std::size_t i = 0; i < all.size(); ++i)
    out.push_back({all[(i + all.size() - 1) % all.size()].at, all[i].at, all[i].node});
  return out;
}

QColor RingPlot::hueOf(std::size_t node) const {
  return m_hub.theme().terms[node % m_hub.theme().terms.size()];
}

// ---- painting ---------------------------------------------------------------------------------

void RingPlot::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (m_nodes.empty()) return;
  paintStretches(painter);
  paintHolders(painter);
  const RingHolders found = holders();
  for (std::size_t i = 0; i < m_nodes.size(); ++i) paintRow(painter, i, found);
  if (hasFocus()) paintFocusRing(painter, QRectF(rect()), 5, m_hub.theme());
}

void RingPlot::paintStretches(QPainter &painter) const {
  const Theme &theme = m_hub.theme();
  const double r = radius();
  const QRectF box(centre() - QPointF(r, r), QSizeF(2 * r, 2 * r));
  QFont small = m_hub.typography().tiny();
  small.setWeight(QFont::DemiBold);
  painter.setFont(small);
  for (const Stretch &stretch : stretches()) {
    const double from = stretch.from / wholeRing;
    const double span = (stretch.to - stretch.from) / wholeRing; // wraps round
    const QColor hue = hueOf(stretch.node);
    const bool down = m_nodes[stretch.node].down;
    painter.setPen(
        QPen(mix(hue, theme.panel, down ? 0.25 : 0.75), band, Qt::SolidLine, Qt::FlatCap));
    painter.setBrush(Qt::NoBrush);
    painter.drawArc(box, static_cast<int>(std::lround((0.25 - from) * 5760)),
                    static_cast<int>(std::lround(-span * 5760)));
    const double middle = (from + span / 2) * 2 * M_PI;
    const QPointF out(std::sin(middle), -std::cos(middle));
    // Whose it is, where the stretch is long enough for a letter.
    if (span * 2 * M_PI * r > 14) {
      painter.setPen(down ? theme.dim : theme.onTerm);
      painter.drawText(QRectF(centre() + out * r - QPointF(9, 7), QSizeF(18, 14)), Qt::AlignCenter,
                       letterOf(stretch.node));
    }
  }
  // A token is where a stretch ends.
  painter.setPen(QPen(theme.panel, 2));
  for (const Stretch &stretch : stretches()) {
    const QPointF out = (placeOf(stretch.to) - centre()) / r;
    painter.drawLine(centre() + out * (r - band / 2 - 1), centre() + out * (r + band / 2 + 1));
  }
}

// The key's point inside the ring, and its replicas numbered at the tokens that made them so.
void RingPlot::paintHolders(QPainter &painter) const {
  if (!m_point) return;
  const Theme &theme = m_hub.theme();
  const double r = radius();
  const auto along = [&](std::uint32_t point) { return (placeOf(point) - centre()) / r; };
  const QPointF way = along(*m_point);
  painter.setPen(QPen(theme.text, 1.4));
  painter.drawLine(centre() + way * (r - 24), centre() + way * (r - band / 2 - 2));
  painter.setBrush(theme.text);
  painter.drawEllipse(centre() + way * (r - 26), 3.5, 3.5);
  painter.setFont(m_hub.typography().tiny());
  const RingHolders found = holders();
  for (std::size_t i = 0; i < found.replicas.size(); ++i) {
    const auto &tokens = m_nodes[found.replicas[i]].tokens;
    if (tokens.empty()) continue;
    const auto next = std::lower_bound(tokens.begin(), tokens.end(), *m_point);
    const QPointF at = centre() + along(next == tokens.end() ? tokens.front() : *next) * (r + 17);
    const bool down = m_nodes[found.replicas[i]].down;
    painter.setPen(QPen(down ? theme.bad : hueOf(found.replicas[i]), 1.4));
    painter.setBrush(down ? theme.badSoft : theme.panel);
    painter.drawEllipse(at, 8, 8);
    painter.setPen(down ? theme.bad : theme.text);
    painter.drawText(QRectF(at - QPointF(8, 8), QSizeF(16, 16)), Qt::AlignCenter,
                     QString::number(i + 1));
  }
  const QString key =
      QFontMetricsF(painter.font()).elidedText(m_key, Qt::ElideRight, 1.5 * (r - 30));
  painter.setPen(theme.text);
  painter.drawText(QRectF(centre() - QPointF(r, 8), QSizeF(2 * r, 16)), Qt::AlignCenter, key);
}

void RingPlot::paintRow(QPainter &painter, std::size_t index, const RingHolders &found) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const RingNode &node = m_nodes[index];
  const QRectF row = rowOf(index);
  const QRectF chip(row.left(), row.top() + 3, type.px(18), type.px(16));
  painter.setPen(Qt::NoPen);
  painter.setBrush(mix(hueOf(index), theme.panel, node.down ? 0.25 : 0.75));
  painter.drawRoundedRect(chip, 4, 4);
  QFont bold = type.tiny();
  bold.setWeight(QFont::DemiBold);
  painter.setFont(bold);
  painter.setPen(node.down ? theme.dim : theme.onTerm);
  painter.drawText(chip, Qt::AlignCenter, letterOf(index));

  const auto place = std::find(found.replicas.begin(), found.replicas.end(), index);
  QString what = formatPercent(std::round(ringShare(m_nodes, index) * 100) / 100);
  QColor ink = theme.dim;
  if (node.down) {
    what = tr("down");
    ink = theme.bad;
  } else if (found.first == index) {
    what = tr("%1 · coordinates").arg(place - found.replicas.begin() + 1);
    ink = theme.text;
  } else if (place != found.replicas.end()) {
    what = tr("%1 · replica").arg(place - found.replicas.begin() + 1);
    ink = theme.text;
  } else if (std::find(found.standIns.begin(), found.standIns.end(), index) !=
             found.standIns.end()) {
    what = tr("stands in");
    ink = theme.warn;
  }
  const QRectF words(chip.right() + 7, row.top() + 1, row.right() - chip.right() - 7, type.px(20));
  painter.setFont(type.secondary());
  painter.setPen(ink);
  painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, what);
  const double room = words.width() - QFontMetricsF(type.secondary()).horizontalAdvance(what) - 8;
  painter.setFont(type.name());
  painter.setPen(theme.text);
  painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                   QFontMetricsF(type.name()).elidedText(node.name, Qt::ElideRight, room));
  if (node.hints.empty()) return;
  std::map<QString, QStringList> byName;
  for (const RingNode::Hint &hint : node.hints) byName[hint.forName] << hint.key;
  QStringList parts;
  for (const auto &[name, keys] : byName) parts << tr("%1 for %2").arg(keys.join(tr(", ")), name);
  const QRectF below(words.left(), row.top() + type.px(19), words.width(), type.px(15));
  painter.setFont(type.tiny());
  painter.setPen(theme.warn);
  const QString text = tr("keeps hints: %1").arg(parts.join(tr("; ")));
  painter.drawText(below, Qt::AlignLeft | Qt::AlignVCenter,
                   QFontMetricsF(type.tiny()).elidedText(text, Qt::ElideRight, below.width()));
}

// ---- by hand ----------------------------------------------------------------------------------

void RingPlot::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton || m_nodes.empty()) return;
  for (std::size_t i = 0; i < m_nodes.size(); ++i)
    if (rowOf(i).contains(event->position())) return Q_EMIT nodeChosen(m_nodes[i].node);
  const QPointF way = event->position() - centre();
  if (std::hypot(way.x(), way.y()) > radius() + 28) return;
  double turn = std::atan2(way.x(), -way.y()) / (2 * M_PI);
  if (turn < 0) turn += 1;
  Q_EMIT pointChosen(static_cast<quint32>(std::min(turn * wholeRing, wholeRing - 1)));
}

void RingPlot::keyPressEvent(QKeyEvent *event) {
  const int key = event->key();
  const bool on = key == Qt::Key_Right || key == Qt::Key_Down;
  const bool back = key == Qt::Key_Left || key == Qt::Key_Up;
  const std::vector<Stretch> all = stretches();
  if ((!on && !back) || all.empty()) return QWidget::keyPressEvent(event);
  const std::uint32_t at = m_point.value_or(0);
  std::size_t here = 0; // the stretch that the point is in ends at the first token from it on
  while (here < all.size() && all[here].to < at) ++here;
  here %= all.size();
  const std::size_t next = (here + (on ? 1 : all.size() - 1)) % all.size();
  Q_EMIT pointChosen(all[next].to);
}

void RingPlot::moveEvent(QMoveEvent *event) {
  QWidget::moveEvent(event);
  update();
}

bool RingPlot::eventFilter(QObject *watched, QEvent *event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize) update();
  return QWidget::eventFilter(watched, event);
}

} // namespace packetarium::ui

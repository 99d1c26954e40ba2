// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/real/phase_bars.h"

#include "ui/theme/theme_hub.h"
#include "ui/widgets/format.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>

namespace packetarium::ui {
namespace {

const QColor &hueOf(HandshakePhase phase, const Theme &theme) {
  switch (phase) {
  case HandshakePhase::Name: return theme.ip;
  case HandshakePhase::Tcp: return theme.tcp;
  case HandshakePhase::Tls: return theme.tls;
  case HandshakePhase::FirstByte: return theme.http;
  case HandshakePhase::Close: break;
  }
  return theme.faint;
}

} // namespace

PhaseBars::PhaseBars(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

qint64 PhaseBars::endOf(const std::vector<PhaseTime> &phases) {
  qint64 end = 0;
  for (const PhaseTime &time : phases) end = std::max(end, time.startNs + time.durationNs);
  return end;
}

void PhaseBars::setPhases(std::vector<PhaseTime> phases, qint64 spanNs) {
  m_phases = std::move(phases);
  m_spanNs = std::max(spanNs, endOf(m_phases));
  QStringList words;
  for (const PhaseTime &time : m_phases)
    words << QStringLiteral("%1 %2").arg(phaseName(time.phase), formatDuration(time.durationNs));
  setAccessibleName(tr("Phases"));
  setAccessibleDescription(words.join(QStringLiteral(", ")));
  updateGeometry();
  update();
}

int PhaseBars::rowHeight() const { return m_hub.typography().px(20); }

QSize PhaseBars::sizeHint() const {
  return {m_hub.typography().px(260), rowHeight() * static_cast<int>(m_phases.size())};
}

QSize PhaseBars::minimumSizeHint() const {
  return {m_hub.typography().px(180), sizeHint().height()};
}

void PhaseBars::paintEvent(QPaintEvent *) {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(type.secondary());
  const QFontMetrics metrics(type.secondary());
  const int nameWidth = type.px(80);
  const int timeWidth = metrics.horizontalAdvance(QStringLiteral("99.99 ms ")) + type.px(8);
  const double room = std::max(1, width() - nameWidth - timeWidth);
  const double perNs = m_spanNs > 0 ? room / double(m_spanNs) : 0;
  for (std::size_t i = 0; i < m_phases.size(); ++i) {
    const PhaseTime &time = m_phases[i];
    const QRect row(0, int(i) * rowHeight(), width(), rowHeight());
    painter.setPen(theme.dim);
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, phaseName(time.phase));
    // A sliver stays in sight, and inside, however short the phase was.
    const double wide = std::max(double(type.px(3)), double(time.durationNs) * perNs);
    const double left = nameWidth + std::min(double(time.startNs) * perNs, room - wide);
    const double tall = type.px(8);
    const QRectF bar(left, row.center().y() + 0.5 - tall / 2, wide, tall);
    painter.setPen(Qt::NoPen);
    painter.setBrush(hueOf(time.phase, theme));
    painter.drawRoundedRect(bar, std::min(2.0, wide / 2), 2);
    painter.setPen(theme.text);
    const double text = bar.right() + type.px(6);
    painter.drawText(QRectF(text, row.top(), width() - text, row.height()),
                     Qt::AlignVCenter | Qt::AlignLeft, formatDuration(time.durationNs));
  }
}

} // namespace packetarium::ui

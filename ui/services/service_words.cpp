// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/service_words.h"

#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <cmath>

namespace packetarium::ui {
namespace {

QString tr(const char *text) { return QCoreApplication::translate("Services", text); }

std::int64_t wholeUs(Duration d) { return (d.ns() + 500) / 1000; }

} // namespace

QString healthWord(analysis::ServiceHealth health) {
  using H = analysis::ServiceHealth;
  switch (health) {
  case H::Up: return tr("up");
  case H::Degraded: return tr("degraded");
  case H::Down: return tr("down");
  case H::Unknown: break;
  }
  return tr("nobody asked yet");
}

QString partName(analysis::OutagePart part) {
  using P = analysis::OutagePart;
  switch (part) {
  case P::Unnoticed: return tr("Unnoticed");
  case P::Detect: return tr("Detect");
  case P::Decide: return tr("Decide");
  case P::TakeOver: return tr("Take over");
  case P::Redirect: return tr("Redirect");
  case P::Reconnect: return tr("Reconnect");
  case P::Retry: break;
  }
  return tr("Retry");
}

QString partSentence(analysis::OutagePart part) {
  using P = analysis::OutagePart;
  switch (part) {
  case P::Unnoticed: return tr("From the fault to the first request that failed.");
  case P::Detect: return tr("Until somebody suspected that the server is gone.");
  case P::Decide: return tr("Until it was settled who takes over.");
  case P::TakeOver: return tr("Until the one that takes over was ready to serve.");
  case P::Redirect: return tr("Until clients were led to it, by ARP, a name or a balancer.");
  case P::Reconnect: return tr("Until the first client had a connection to it.");
  case P::Retry: break;
  }
  return tr("Until that client had asked again and had its answer.");
}

QString ninesWords(const analysis::Availability &a) {
  if (a.share >= 1) return tr("nothing failed");
  static const char *const words[] = {
      QT_TRANSLATE_NOOP("Services", "no nine"),    QT_TRANSLATE_NOOP("Services", "one nine"),
      QT_TRANSLATE_NOOP("Services", "two nines"),  QT_TRANSLATE_NOOP("Services", "three nines"),
      QT_TRANSLATE_NOOP("Services", "four nines"), QT_TRANSLATE_NOOP("Services", "five nines"),
      QT_TRANSLATE_NOOP("Services", "six nines")};
  const auto nines = static_cast<int>(std::floor(a.nines + 1e-9)); // 0.99 has two
  if (nines >= 0 && nines < 7) return tr(words[nines]);
  return tr("%1 nines").arg(nines);
}

QString availabilityWords(const analysis::Availability &a) {
  return formatPercent(a.share) + QStringLiteral(" · ") + ninesWords(a);
}

QString availabilityWords(const analysis::ServiceReport &r) {
  return r.isKnown() ? availabilityWords(r.byTime) : QStringLiteral("–");
}

QStringList budgetLines(const analysis::Availability &a) {
  return {tr("%1 a day").arg(formatDuration(a.perDay.ns())),
          tr("%1 a week").arg(formatDuration(a.perWeek.ns())),
          tr("%1 a month").arg(formatDuration(a.perMonth.ns())),
          tr("%1 a year").arg(formatDuration(a.perYear.ns()))};
}

QString percentileWords(const analysis::ServiceReport &r) {
  if (r.inTime == 0) return QStringLiteral("–");
  return QStringLiteral("%1 · %2 · %3 ms")
      .arg(formatNumber(r.p50), formatNumber(r.p95), formatNumber(r.p99));
}

QString requestWords(const analysis::ServiceReport &r) {
  const QString all = formatCount(static_cast<std::int64_t>(r.requests));
  if (r.failed == 0) return all;
  return tr("%1, %2 failed").arg(all, formatCount(static_cast<std::int64_t>(r.failed)));
}

QString serviceWords(const analysis::ServiceReport &r) {
  QStringList lines;
  lines << QString::fromStdString(r.name);
  if (r.ribbon.empty()) return lines.first() + QLatin1Char('\n') + tr("Nobody asked it yet.");
  lines << (r.isKnown() ? tr("Available: %1").arg(availabilityWords(r.byTime))
                        : tr("No request has ended yet."));
  if (r.byTime.share < 1)
    lines << tr("A year like this run allows:") + QStringLiteral("\n  ") +
                 budgetLines(r.byTime).join(QStringLiteral("\n  "));
  lines << tr("Requests: %1").arg(requestWords(r));
  lines << tr("p50 · p95 · p99: %1").arg(percentileWords(r));
  lines << tr("Asked %1, answered %2")
               .arg(formatPerSecond(r.offeredPerSecond), formatPerSecond(r.servedPerSecond));
  return lines.join(QLatin1Char('\n'));
}

QString exactMs(Duration length) {
  const std::int64_t us = wholeUs(length);
  return QStringLiteral("%1.%2 ms")
      .arg(formatCount(us / 1000), QStringLiteral("%1").arg(us % 1000, 3, 10, QLatin1Char('0')));
}

std::vector<Duration> exactSteps(const analysis::Outage &outage) {
  std::vector<Duration> out;
  for (const analysis::OutageStep &step : outage.steps)
    out.push_back(Duration::us(wholeUs(step.to - outage.from) - wholeUs(step.from - outage.from)));
  return out;
}

Duration exactLength(const analysis::Outage &outage) {
  return Duration::us(wholeUs(outage.length()));
}

QString outageWords(const analysis::Outage &outage) {
  const QString cause = QString::fromStdString(outage.cause);
  const QString from = formatTimeShort(outage.from.ns());
  const QString length = formatDuration(outage.length().ns());
  if (outage.open) return tr("Still down, for %1 since %2: %3").arg(length, from, cause);
  return tr("Down for %1 from %2: %3").arg(length, from, cause);
}

} // namespace packetarium::ui

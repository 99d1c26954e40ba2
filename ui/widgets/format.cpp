// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/format.h"

#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace packetarium::ui {

namespace {

constexpr QChar gap(0x00A0);
constexpr QChar minusSign(0x2212);
const auto notANumber = [] { return QString(QChar(0x2013)); };

// Digits of an unsigned number in groups of three from the right.
QString grouped(const QString &digits) {
  QString out = digits;
  for (qsizetype at = digits.size() - 3; at > 0; at -= 3) out.insert(at, gap);
  return out;
}

QString trimmed(QString number) {
  if (!number.contains(u'.')) return number;
  while (number.endsWith(u'0')) number.chop(1);
  if (number.endsWith(u'.')) number.chop(1);
  return number;
}

// value >= 0 with digits significant figures but never fewer than its whole part has.
QString significant(double value, int digits) {
  if (value == 0) return QStringLiteral("0");
  int decimals = digits - 1;
  double bound = 10;
  for (; decimals > 0 && value >= bound; --decimals) bound *= 10;
  for (bound = 1; decimals < 9 && value < bound; ++decimals) bound /= 10;
  // 9.996 to two decimals is 10.00: trimming makes it read "10".
  return trimmed(QString::number(value, 'f', decimals));
}

struct Unit {
  double size;
  const char *name;
};

// The largest unit in which the rounded value is at least 1; units ascend.
template <std::size_t N>
QString inUnits(double value, const std::array<Unit, N> &units, int digits = 3) {
  std::size_t chosen = 0;
  const double nearlyOne = 1.0 - 0.5 * std::pow(10.0, -digits);
  while (chosen + 1 < N && value >= units[chosen + 1].size * nearlyOne) ++chosen;
  return significant(value / units[chosen].size, digits) + gap +
         QString::fromUtf8(units[chosen].name);
}

QString twoUnits(std::int64_t major, const char *majorName, std::int64_t minor,
                 const char *minorName) {
  QString out = QString::number(major) + gap + QLatin1String(majorName);
  if (minor != 0) out += gap + QString::number(minor) + gap + QLatin1String(minorName);
  return out;
}

QString longDuration(std::int64_t seconds) {
  if (seconds < 3600) return twoUnits(seconds / 60, "min", seconds % 60, "s");
  const std::int64_t minutes = (seconds + 30) / 60;
  if (minutes < 1440) return twoUnits(minutes / 60, "h", minutes % 60, "min");
  const std::int64_t hours = (seconds + 1800) / 3600;
  return twoUnits(hours / 24, "d", hours % 24, "h");
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

QString signedText(bool negative, const QString &text) {
  return negative ? minusSign + text : text;
}

QString padded(std::uint64_t value, int width) {
  return QString::number(value).rightJustified(width, u'0');
}

// "480 312" of 480 312 at width 6.
QString fraction(std::uint64_t value, int width) { return grouped(padded(value, width)); }

constexpr std::uint64_t nsPerMs = 1'000'000;
constexpr std::uint64_t nsPerS = 1'000'000'000;

QString clock(std::uint64_t seconds) {
  const QString tail = padded(seconds / 60 % 60, 2) + u':' + padded(seconds % 60, 2);
  if (seconds < 3600) return QString::number(seconds / 60) + u':' + padded(seconds % 60, 2);
  return QString::number(seconds / 3600) + u':' + tail;
}

} // namespace

QString formatDuration(std::int64_t ns) {
  const std::uint64_t size = magnitude(ns);
  if (size == 0) return QStringLiteral("0") + gap + u's';
  constexpr std::uint64_t longFrom = 59'950'000'000; // rounds to "60 s"
  if (size >= longFrom)
    return signedText(ns < 0,
                      longDuration(static_cast<std::int64_t>((size + nsPerS / 2) / nsPerS)));
  static constexpr std::array<Unit, 4> units{
      {{1, "ns"}, {1e3, "\u00B5s"}, {1e6, "ms"}, {1e9, "s"}}};
  return signedText(ns < 0, inUnits(static_cast<double>(size), units));
}

QString formatTime(std::int64_t ns) {
  const std::uint64_t at = magnitude(ns);
  QString text;
  if (at < nsPerS)
    text = QString::number(at / nsPerMs) + u'.' + fraction(at % nsPerMs, 6) + gap +
           QLatin1String("ms");
  else if (at < 60 * nsPerS)
    text = QString::number(at / nsPerS) + u'.' + fraction(at % nsPerS, 9) + gap + u's';
  else
    text = clock(at / nsPerS) + u'.' + fraction(at % nsPerS, 9);
  return signedText(ns < 0, text);
}

QString formatTimeShort(std::int64_t ns) {
  const std::uint64_t at = magnitude(ns);
  const auto decimals = [](std::uint64_t value, int width) {
    return trimmed(QStringLiteral(".") + padded(value, width));
  };
  QString text;
  if (at == 0)
    text = QStringLiteral("0") + gap + QLatin1String("ms");
  else if (at < nsPerS)
    text = QString::number(at / nsPerMs) + decimals(at % nsPerMs / 1000, 3) + gap +
           QLatin1String("ms");
  else if (at < 60 * nsPerS)
    text = QString::number(at / nsPerS) + decimals(at % nsPerS / 1000, 6) + gap + u's';
  else
    text = clock(at / nsPerS) + decimals(at % nsPerS / nsPerMs, 3);
  return signedText(ns < 0, text);
}

QString withShortDurations(const QString &sentence) {
  // A whole number with a space, "59 s", is left as it was chosen.
  static const QRegularExpression exact(
      QStringLiteral("(?<![\\w.:/])(?:(\\d+\\.\\d+) ?|(\\d+))(ns|us|µs|ms|s)(?![\\w/])"));
  static const std::array<std::pair<QStringView, double>, 5> sizes{
      {{u"ns", 1}, {u"us", 1e3}, {u"µs", 1e3}, {u"ms", 1e6}, {u"s", 1e9}}};
  QString said;
  qsizetype from = 0;
  for (auto it = exact.globalMatch(sentence); it.hasNext();) {
    const QRegularExpressionMatch match = it.next();
    const double number = (match.captured(1) + match.captured(2)).toDouble();
    const auto size = std::find_if(sizes.begin(), sizes.end(), [&](const auto &known) {
      return known.first == match.capturedView(3);
    });
    const double ns = number * size->second;
    if (ns >= 9e18) continue;
    said += sentence.mid(from, match.capturedStart() - from) + formatDuration(std::llround(ns));
    from = match.capturedEnd();
  }
  return said + sentence.mid(from);
}

QString withWholePrefixes(const QString &sentence) {
  static const QRegularExpression slash(QStringLiteral("/(?=\\d)"));
  constexpr QChar wordJoiner(0x2060);
  return QString(sentence).replace(slash, QStringLiteral("/") + wordJoiner);
}

QString formatBitRate(double bitsPerSecond) {
  if (!std::isfinite(bitsPerSecond)) return notANumber();
  static constexpr std::array<Unit, 5> units{
      {{1, "bit/s"}, {1e3, "kbit/s"}, {1e6, "Mbit/s"}, {1e9, "Gbit/s"}, {1e12, "Tbit/s"}}};
  return signedText(bitsPerSecond < 0, inUnits(std::abs(bitsPerSecond), units));
}

QString formatBytes(std::int64_t bytes) {
  const std::uint64_t size = magnitude(bytes);
  if (size < 10'000)
    return signedText(bytes < 0,
                      QString::number(size) + gap + QLatin1String(size == 1 ? "byte" : "bytes"));
  static constexpr std::array<Unit, 4> units{{{1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}, {1e12, "TB"}}};
  return signedText(bytes < 0, inUnits(static_cast<double>(size), units));
}

QString formatPerSecond(double count, const QString &noun) {
  if (!std::isfinite(count)) return notANumber();
  const double size = std::abs(count);
  const QString prefix = size >= 1e6 * 0.9995 ? QStringLiteral("M")
                         : size >= 1e4        ? QStringLiteral("k")
                                              : QString();
  const double scale = prefix.isEmpty() ? 1 : prefix == u"k" ? 1e3 : 1e6;
  const QString number = significant(size / scale, 3);
  const QString per = noun.isEmpty() ? prefix + QLatin1String("/s")
                                     : prefix + (prefix.isEmpty() ? QString() : QString(gap)) +
                                           noun + QLatin1String("/s");
  return signedText(count < 0, number + gap + per);
}

QString formatPercent(double share) {
  if (!std::isfinite(share)) return notANumber();
  const double percent = std::abs(share) * 100;
  const auto text = [&](const QString &number) {
    return signedText(share < 0 && number != u"0", number + gap + u'%');
  };
  if (percent < 99 || percent >= 100) return text(significant(percent, 3));
  // What is missing to 100 decides how many decimals tell; cut off, never rounded up.
  const double missing = 100 - percent;
  int decimals = 2;
  for (double bound = 0.1; decimals < 8 && missing < bound * (1 - 1e-6); bound /= 10) ++decimals;
  const double power = std::pow(10.0, decimals);
  return text(trimmed(QString::number(std::floor(percent * power + 1e-4) / power, 'f', decimals)));
}

QString formatCount(std::int64_t count) {
  const QString digits = QString::number(magnitude(count));
  return signedText(count<0, digits.size()> 4 ? grouped(digits) : digits);
}

QString formatNumber(double value) {
  if (!std::isfinite(value)) return notANumber();
  const double size = std::abs(value);
  if (size >= 1e4 && size < 1e15)
    return signedText(value < 0, grouped(QString::number(std::llround(size))));
  const QString number = significant(size, 3);
  return signedText(value < 0 && number != u"0", number);
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
// How values are written and read in fields.
#include "core/scenario/units.h"
#include "core/wire/address.h"
#include "ui/forms/field_spec.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <array>
#include <cmath>

namespace packetarium::ui {
namespace {

using Value = programs::ParameterValue;

QString say(const char *text) { return QCoreApplication::translate("Fields", text); }

QString fromUtf8(std::string_view s) {
  return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size()));
}

double numberOf(const Value &v) {
  if (const auto *whole = std::get_if<std::int64_t>(&v)) return static_cast<double>(*whole);
  const auto *real = std::get_if<double>(&v);
  return real != nullptr ? *real : 0;
}

std::int64_t wholeOf(const Value &v) {
  const auto *whole = std::get_if<std::int64_t>(&v);
  return whole != nullptr ? *whole : std::llround(numberOf(v));
}

QString textOf(const Value &v) {
  const auto *text = std::get_if<std::string>(&v);
  return text != nullptr ? QString::fromStdString(*text) : QString();
}

struct Unit {
  std::int64_t size;
  const char *name;
};

/// A whole number of the smallest unit in the largest unit that it fills, with all its digits.
template <std::size_t n> QString inUnits(std::int64_t value, const std::array<Unit, n> &units) {
  Unit unit = units.back();
  for (const Unit &u : units)
    if (value >= u.size) {
      unit = u;
      break;
    }
  QString text = QString::number(value / unit.size);
  if (const std::int64_t rest = value % unit.size; rest != 0) {
    QString digits = QString::number(rest + unit.size).mid(1); // sizes are powers of ten
    while (digits.endsWith(QLatin1Char('0'))) digits.chop(1);
    text += QLatin1Char('.') + digits;
  }
  return text + QLatin1Char(' ') + QLatin1String(unit.name);
}

constexpr std::int64_t secondNs = 1'000'000'000;

QString durationText(std::int64_t ns) {
  if (ns < 0) return QStringLiteral("-") + durationText(-ns);
  constexpr std::array<Unit, 4> units = {
      {{secondNs, "s"}, {1'000'000, "ms"}, {1000, "us"}, {1, "ns"}}};
  if (ns == 0) return QStringLiteral("0 s");
  if (ns >= 3600 * secondNs && ns % (3600 * secondNs) == 0)
    return QStringLiteral("%1 h").arg(ns / (3600 * secondNs));
  if (ns >= 120 * secondNs && ns % (60 * secondNs) == 0)
    return QStringLiteral("%1 min").arg(ns / (60 * secondNs));
  return inUnits(ns, units).replace(QStringLiteral("us"), QStringLiteral("µs"));
}

QString rateText(std::int64_t bps) {
  constexpr std::array<Unit, 5> units = {{{1'000'000'000'000, "Tbit/s"},
                                          {1'000'000'000, "Gbit/s"},
                                          {1'000'000, "Mbit/s"},
                                          {1000, "kbit/s"},
                                          {1, "bit/s"}}};
  return inUnits(bps, units);
}

QString bytesText(std::int64_t bytes) {
  constexpr std::array<Unit, 4> units = {
      {{1'000'000'000, "GB"}, {1'000'000, "MB"}, {1000, "kB"}, {1, "bytes"}}};
  if (bytes > 0 && bytes % 1024 == 0 && bytes < 1024 * 1024)
    return QStringLiteral("%1 KiB").arg(bytes / 1024);
  if (bytes > 0 && bytes % (1024 * 1024) == 0)
    return QStringLiteral("%1 MiB").arg(bytes / (1024 * 1024));
  if (bytes < 10'000) return bytes == 1 ? say("1 byte") : say("%1 bytes").arg(bytes);
  return inUnits(bytes, units);
}

QString realText(double v) { return QString::number(v, 'g', 15); }

QString withUnit(const QString &number, const QString &unit) {
  return unit.isEmpty() ? number : number + QLatin1Char(' ') + unit;
}

QString example(const FieldSpec &spec) {
  switch (spec.kind) {
  case FieldKind::Whole: return say("Give a whole number, such as 10.");
  case FieldKind::Real: return say("Give a number, such as 2.5.");
  case FieldKind::Duration: return say("Give a time with its unit, such as 20 ms or 1.5 s.");
  case FieldKind::Seconds: return say("Give whole seconds, such as 300 s or 5 min.");
  case FieldKind::Rate: return say("Give a rate with its unit, such as 10 Mbit/s.");
  case FieldKind::Bytes: return say("Give a size, such as 1500 bytes or 64 kB.");
  case FieldKind::Percent: return say("Give a share, such as 1 % or 0.5 %.");
  case FieldKind::Address: return say("Give an address, such as 10.0.0.1.");
  case FieldKind::Prefix: return say("Give an address and its prefix, such as 10.0.0.5/24.");
  case FieldKind::Network: return say("Give a network and its prefix, such as 10.0.0.0/24.");
  case FieldKind::Addresses: return say("Give addresses with commas, such as 10.0.0.1, 10.0.0.2.");
  default: return {};
  }
}

/// The unit at the end of a shown value: " ms".
QString unitOf(const QString &shown) {
  qsizetype i = 0;
  while (i < shown.size() && (shown[i].isDigit() || shown[i] == QLatin1Char('.'))) ++i;
  return shown.mid(i);
}

bool isBareNumber(const QString &text) {
  return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](QChar c) {
    return c.isDigit() || c == QLatin1Char('.');
  });
}

FieldValue readDuration(const QString &text) {
  const bool negative = text.startsWith(u'-') || text.startsWith(u'\u2212');
  const auto d = scenario::parseDuration((negative ? text.mid(1).trimmed() : text).toStdString());
  if (!d) return {};
  return FieldValue(Value(negative ? -d->ns() : d->ns()));
}

FieldValue readSeconds(const QString &text) {
  const auto d = scenario::parseDuration(text.toStdString());
  if (!d || d->ns() % secondNs != 0) return {};
  return Value(d->ns() / secondNs);
}

FieldValue readAddresses(const QString &text) {
  QStringList all;
  for (const QString &part : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
    const auto address = wire::Ipv4Address::parse(part.trimmed().toStdString());
    if (!address) return {};
    all << QString::fromStdString(address->text());
  }
  if (all.isEmpty()) return {};
  return Value(all.join(QStringLiteral(", ")).toStdString());
}

template <class T> FieldValue asWhole(const std::optional<T> &v) {
  if (!v || static_cast<double>(*v) > 9e18) return {};
  return Value(static_cast<std::int64_t>(*v));
}

FieldValue readPrefix(const QString &text, bool network) {
  const auto prefix = wire::Ipv4Prefix::parse(text.toStdString());
  if (!prefix || (network && !(prefix->address == prefix->network()))) return {};
  return Value(prefix->text());
}

QString withoutUnit(const FieldSpec &spec, QString text) {
  if (!spec.unit.isEmpty() && text.endsWith(spec.unit)) text.chop(spec.unit.size());
  return text.trimmed();
}

FieldValue readNumber(const FieldSpec &spec, const QString &text) {
  bool ok = false;
  if (spec.kind == FieldKind::Whole) {
    const qlonglong whole = withoutUnit(spec, text).remove(QLatin1Char(' ')).toLongLong(&ok);
    return ok ? FieldValue(Value(static_cast<std::int64_t>(whole))) : FieldValue();
  }
  const double real = withoutUnit(spec, text).toDouble(&ok);
  return ok && std::isfinite(real) ? FieldValue(Value(real)) : FieldValue();
}

FieldValue readValue(const FieldSpec &spec, const QString &text) {
  const std::string utf8 = text.toStdString();
  switch (spec.kind) {
  case FieldKind::Whole:
  case FieldKind::Real: return readNumber(spec, text);
  case FieldKind::Duration: return readDuration(text);
  case FieldKind::Seconds: return readSeconds(text);
  case FieldKind::Rate: return asWhole(scenario::parseRate(utf8));
  case FieldKind::Bytes: return asWhole(scenario::parseBytes(utf8));
  case FieldKind::Percent: {
    const auto share = scenario::parsePercent(utf8);
    return share ? FieldValue(Value(*share)) : FieldValue();
  }
  case FieldKind::Address: {
    const auto address = wire::Ipv4Address::parse(utf8);
    return address ? FieldValue(Value(address->text())) : FieldValue();
  }
  case FieldKind::Prefix: return readPrefix(text, false);
  case FieldKind::Network: return readPrefix(text, true);
  case FieldKind::Addresses: return readAddresses(text);
  case FieldKind::Boolean:
    if (text == fieldText(spec, true)) return Value(true);
    return text == fieldText(spec, false) ? FieldValue(Value(false)) : FieldValue();
  case FieldKind::Choice:
    for (const auto &[value, shown] : spec.choices)
      if (text == shown || utf8 == value) return Value(value);
    return {};
  case FieldKind::Text: return Value(utf8);
  case FieldKind::Records: return {};
  }
  return {};
}

bool isNumber(FieldKind kind) {
  return kind >= FieldKind::Whole && kind <= FieldKind::Percent && kind != FieldKind::Boolean;
}

QString asSentence(const std::string &message) {
  QString text = QString::fromStdString(message);
  if (text.isEmpty()) return text;
  text[0] = text[0].toUpper();
  return text.endsWith(QLatin1Char('.')) ? text : text + QLatin1Char('.');
}

FieldInput checked(const FieldSpec &spec, Value value) {
  if (isNumber(spec.kind) && spec.minimum != spec.maximum) {
    const double x = numberOf(value);
    if (x < spec.minimum || x > spec.maximum) return {{}, say("Must be %1.").arg(rangeText(spec))};
  }
  if (const auto *text = std::get_if<std::string>(&value); text != nullptr && spec.check)
    if (const std::string complaint = spec.check(*text); !complaint.empty())
      return {{}, asSentence(complaint)};
  return {std::move(value), {}};
}

/// 1, 2, 5, 10, 20, 50, ...: the next one above or below.
double onLadder(double v, bool up) {
  if (v <= 0) return up ? 1 : 0;
  const double decade = std::pow(10, std::floor(std::log10(v) + 1e-9));
  constexpr std::array<double, 5> rungs = {0.5, 1, 2, 5, 10};
  if (up) {
    for (const double rung : rungs)
      if (rung * decade > v * (1 + 1e-9)) return rung * decade;
    return 20 * decade;
  }
  for (auto rung = rungs.rbegin(); rung != rungs.rend(); ++rung)
    if (*rung * decade < v * (1 - 1e-9)) return *rung * decade;
  return 0.5 * decade;
}

double steppedOnce(FieldKind kind, double v, bool up) {
  switch (kind) {
  case FieldKind::Whole: return up ? v + 1 : v - 1;
  case FieldKind::Duration:
    if (v <= 0 && up) return 1e6; // 1 ms
    return v <= 1000 && !up ? 0 : onLadder(v, up);
  case FieldKind::Percent:
    if (v <= 0 && up) return 0.001;
    return v <= 0.001 && !up ? 0 : onLadder(v, up);
  case FieldKind::Real:
    if (v <= 0 && up) return 0.1;
    return onLadder(v, up);
  case FieldKind::Seconds:
  case FieldKind::Bytes:
  case FieldKind::Rate:
    if (v <= 1 && !up) return 0;
    return std::round(onLadder(v, up));
  default: return v;
  }
}

} // namespace

QString fieldText(const FieldSpec &spec, const Value &value) {
  switch (spec.kind) {
  case FieldKind::Whole: return withUnit(QString::number(wholeOf(value)), spec.unit);
  case FieldKind::Real: return withUnit(realText(numberOf(value)), spec.unit);
  case FieldKind::Boolean:
    return std::get_if<bool>(&value) != nullptr && std::get<bool>(value) ? say("yes") : say("no");
  case FieldKind::Duration: return durationText(wholeOf(value));
  case FieldKind::Seconds: return durationText(wholeOf(value) * secondNs);
  case FieldKind::Rate: return rateText(wholeOf(value));
  case FieldKind::Bytes: return bytesText(wholeOf(value));
  case FieldKind::Percent: return realText(numberOf(value) * 100) + QStringLiteral(" %");
  case FieldKind::Choice:
    for (const auto &[key, shown] : spec.choices)
      if (textOf(value) == fromUtf8(key)) return shown;
    return textOf(value);
  case FieldKind::Records: return {};
  default: return textOf(value);
  }
}

FieldInput readField(const FieldSpec &spec, const QString &typed, const QString &shownBefore) {
  QString text = typed;
  text.replace(QChar(QChar::Nbsp), QLatin1Char(' ')).replace(QChar(0x202f), QLatin1Char(' '));
  text.replace(QStringLiteral("μs"), QStringLiteral("µs")); // Greek mu for the micro sign
  text = text.trimmed();
  if (text.isEmpty()) {
    if (spec.mayBeEmpty) return {};
    return {{}, spec.kind == FieldKind::Text ? say("This cannot be empty.") : example(spec)};
  }
  FieldValue value;
  const bool withUnits = spec.kind == FieldKind::Duration || spec.kind == FieldKind::Seconds ||
                         spec.kind == FieldKind::Rate || spec.kind == FieldKind::Bytes;
  if (withUnits && isBareNumber(text)) {
    QString unit = unitOf(shownBefore);
    if (unit.isEmpty() && (spec.kind == FieldKind::Seconds || text.toDouble() == 0))
      unit = spec.kind == FieldKind::Bytes  ? QString()
             : spec.kind == FieldKind::Rate ? QStringLiteral("bit/s")
                                            : QStringLiteral("s");
    value = readValue(spec, text + unit);
  } else {
    value = readValue(spec, text);
  }
  if (!value) return {{}, example(spec)};
  return checked(spec, *std::move(value));
}

QString rangeText(const FieldSpec &spec) {
  if (!isNumber(spec.kind) || spec.minimum == spec.maximum) return {};
  const auto text = [&](double v) {
    const bool whole = spec.kind != FieldKind::Real && spec.kind != FieldKind::Percent;
    FieldSpec plain = spec;
    plain.unit.clear();
    return fieldText(plain, whole ? Value(static_cast<std::int64_t>(v)) : Value(v));
  };
  return withUnit(say("%1 to %2").arg(text(spec.minimum), text(spec.maximum)), spec.unit);
}

bool canStep(FieldKind kind) {
  return isNumber(kind) || kind == FieldKind::Address || kind == FieldKind::Prefix;
}

Value stepped(const FieldSpec &spec, const Value &value, int steps) {
  if (spec.kind == FieldKind::Prefix) {
    auto prefix = wire::Ipv4Prefix::parse(textOf(value).toStdString());
    if (!prefix) return value;
    prefix->address.value += static_cast<std::uint32_t>(steps);
    return prefix->text();
  }
  if (spec.kind == FieldKind::Address) {
    auto address = wire::Ipv4Address::parse(textOf(value).toStdString());
    if (!address) return value;
    address->value += static_cast<std::uint32_t>(steps);
    return address->text();
  }
  if (!isNumber(spec.kind)) return value;
  double v = numberOf(value);
  for (int i = 0; i < std::abs(steps); ++i) v = steppedOnce(spec.kind, v, steps > 0);
  if (spec.minimum != spec.maximum) v = std::clamp(v, spec.minimum, spec.maximum);
  if (spec.kind == FieldKind::Real || spec.kind == FieldKind::Percent)
    return QString::number(v, 'g', 12).toDouble();
  return static_cast<std::int64_t>(std::llround(v));
}

} // namespace packetarium::ui

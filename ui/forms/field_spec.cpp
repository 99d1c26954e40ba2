// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/forms/field_spec.h"

#include <QCoreApplication>
#include <QHash>
#include <QStringList>

#include <algorithm>

namespace packetarium::ui {
namespace {

FieldKind kindOf(const programs::Parameter &p) {
  using Type = programs::ParameterType;
  switch (p.type) {
  case Type::Integer:
    if (p.unit == "bytes") return FieldKind::Bytes;
    return p.unit == "s" ? FieldKind::Seconds : FieldKind::Whole;
  case Type::Real: return FieldKind::Real;
  case Type::Boolean: return FieldKind::Boolean;
  case Type::Text: return FieldKind::Text;
  case Type::Duration: return FieldKind::Duration;
  case Type::Address: return FieldKind::Address;
  case Type::Choice: return FieldKind::Choice;
  case Type::Records: return FieldKind::Records;
  }
  return FieldKind::Text;
}

} // namespace

FieldSpec specOf(const programs::Parameter &p) {
  FieldSpec spec;
  spec.kind = kindOf(p);
  spec.caption = captionOf(p.key);
  spec.help = QString::fromStdString(p.help);
  if (spec.kind == FieldKind::Whole || spec.kind == FieldKind::Real)
    spec.unit = QString::fromStdString(p.unit);
  spec.minimum = p.minimum;
  spec.maximum = p.maximum;
  for (const std::string &choice : p.choices)
    spec.choices.emplace_back(choice, QString::fromStdString(choice));
  for (const programs::Parameter &column : p.columns) spec.columns.push_back(specOf(column));
  spec.key = p.key;
  spec.byDefault = p.byDefault;
  spec.mayBeEmpty = !p.required;
  spec.wide = p.key == "url" || p.key == "message";
  if (p.checkText != nullptr) spec.check = p.checkText;
  if (!p.required && spec.kind != FieldKind::Records) {
    const QString usual = fieldText(spec, p.byDefault);
    if (!usual.isEmpty())
      spec.whenEmpty = QCoreApplication::translate("Fields", "usually %1").arg(usual);
  }
  return spec;
}

QString captionOf(std::string_view key) {
  static const QHash<QString, QString> known = {{QStringLiteral("mss"), QStringLiteral("MSS")},
                                                {QStringLiteral("url"), QStringLiteral("URL")},
                                                {QStringLiteral("rto"), QStringLiteral("RTO")},
                                                {QStringLiteral("syn"), QStringLiteral("SYN")},
                                                {QStringLiteral("ack"), QStringLiteral("ACK")},
                                                {QStringLiteral("ttl"), QStringLiteral("TTL")},
                                                {QStringLiteral("soa"), QStringLiteral("SOA")},
                                                {QStringLiteral("tcp"), QStringLiteral("TCP")},
                                                {QStringLiteral("udp"), QStringLiteral("UDP")},
                                                {QStringLiteral("dns"), QStringLiteral("DNS")}};
  static const QStringList units = {QStringLiteral("ns"),  QStringLiteral("s"),
                                    QStringLiteral("bps"), QStringLiteral("pps"),
                                    QStringLiteral("rps"), QStringLiteral("bytes")};
  QStringList words = QString::fromUtf8(key.data(), static_cast<qsizetype>(key.size()))
                          .split(QLatin1Char('_'), Qt::SkipEmptyParts);
  if (words.size() > 1 && units.contains(words.last())) words.removeLast();
  for (QString &word : words) word = known.value(word, word);
  QString text = words.join(QLatin1Char(' '));
  if (!text.isEmpty()) text[0] = text[0].toUpper();
  return text;
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"

#include <QString>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace packetarium::ui {

// What kind of value a field of a form holds, and with it how it is written and read.
enum class FieldKind {
  Text,
  Whole,     // std::int64_t
  Real,      // double
  Boolean,   // bool
  Duration,  // std::int64_t nanoseconds: "20 ms"
  Seconds,   // std::int64_t seconds: "5 min"
  Rate,      // std::int64_t bits per second: "10 Mbit/s"
  Bytes,     // std::int64_t: "64 kB"
  Percent,   // double, a share: "1 %"
  Address,   // std::string: "10.0.0.1"
  Prefix,    // std::string, an address with its prefix: "10.0.0.1/24"
  Network,   // std::string, a network with its prefix: "10.0.0.0/24"
  Addresses, // std::string, addresses with commas between them
  Choice,    // std::string, one of choices
  Records    // rows of columns
};

// A value of a document as forms carry it about; none when the document has none there.
using FieldValue = std::optional<programs::ParameterValue>;

// One field of a form: what it holds, in which range, and how it explains itself.
struct FieldSpec {
  FieldKind kind = FieldKind::Text;
  QString caption;
  QString help;                                         // one line
  QString unit;                                         // of Whole and Real; "" without one
  double minimum = 0, maximum = 0;                      // both included; equal: unbounded
  std::vector<std::pair<std::string, QString>> choices; // value and what is shown for it
  std::vector<FieldSpec> columns;                       // of Records
  std::string key;                    // of a column: where its value stands in the row
  programs::ParameterValue byDefault; // of a column, in a new row
  QString whenEmpty;                  // placeholder of a field that may be empty
  bool wide = false;                  // the caption stands above, for what is long
  bool mayBeEmpty = false;            // an empty field commits no value
  // What else must hold of a text; empty when it does.
  std::function<std::string(std::string_view)> check;
};

// From a program's declaration.
[[nodiscard]] FieldSpec specOf(const programs::Parameter &parameter);
// "Start", "TCP port", "RTO min" from "start_ns", "tcp_port", "rto_min_ns".
[[nodiscard]] QString captionOf(std::string_view key);

// As it is shown and typed: exact, so that reading it gives the value again.
[[nodiscard]] QString fieldText(const FieldSpec &spec, const programs::ParameterValue &value);

// What a person typed: a value (or none, for an emptied field), or why not, as a sentence.
struct FieldInput {
  FieldValue value;
  QString error;
};
// A number without a unit takes that of the text shown before.
[[nodiscard]] FieldInput readField(const FieldSpec &spec, const QString &typed,
                                   const QString &shownBefore = {});

// "0 s to 1 h"; empty when there are no bounds.
[[nodiscard]] QString rangeText(const FieldSpec &spec);
// The next sensible value upwards or downwards, within the range; the same one when there is none.
[[nodiscard]] programs::ParameterValue stepped(const FieldSpec &spec,
                                               const programs::ParameterValue &value, int steps);
[[nodiscard]] bool canStep(FieldKind kind);

} // namespace packetarium::ui

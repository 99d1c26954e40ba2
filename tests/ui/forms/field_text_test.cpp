// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/program.h"
#include "tests/support/catch.h"
#include "ui/forms/field_spec.h"

#include <cmath>

using namespace packetarium;
using namespace packetarium::ui;
using Value = programs::ParameterValue;

namespace {

FieldSpec of(FieldKind kind, double minimum = 0, double maximum = 0) {
  FieldSpec spec;
  spec.kind = kind;
  spec.minimum = minimum;
  spec.maximum = maximum;
  return spec;
}

Value whole(std::int64_t v) { return v; }

FieldValue read(const FieldSpec &spec, const char *typed, const char *before = "") {
  return readField(spec, QString::fromUtf8(typed), QString::fromUtf8(before)).value;
}

} // namespace

TEST_CASE("what a field shows reads as the same value again, to the last digit") {
  const auto holds = [](const FieldSpec &spec, const Value &value) {
    const QString shown = fieldText(spec, value);
    INFO(shown.toStdString());
    const FieldInput again = readField(spec, shown);
    REQUIRE(again.value);
    CHECK(*again.value == value);
  };
  for (const std::int64_t v :
       {0LL, 1LL, 999LL, 1'000LL, 1'234'567LL, 20'000'000LL, 90'000'000'000LL, 7'200'000'000'000LL,
        1'000'000'001LL, 3'600'000'000'000LL}) {
    holds(of(FieldKind::Duration), whole(v));
    if (v <= 1'000'000'000'000) holds(of(FieldKind::Rate), whole(v));
    holds(of(FieldKind::Bytes), whole(v));
    holds(of(FieldKind::Whole), whole(v));
  }
  for (const std::int64_t v : {0LL, 5LL, 300LL, 3600LL, 86'400LL, 604'801LL})
    holds(of(FieldKind::Seconds), whole(v));
  for (const double v : {0.0, 0.01, 0.07, 0.001, 0.29, 1.0, 0.123456}) {
    holds(of(FieldKind::Percent), v);
    holds(of(FieldKind::Real), v);
  }
}

TEST_CASE("values are written with the units people use") {
  CHECK(fieldText(of(FieldKind::Duration), whole(20'000'000)) == QStringLiteral("20 ms"));
  CHECK(fieldText(of(FieldKind::Duration), whole(1'500'000'000)) == QStringLiteral("1.5 s"));
  CHECK(fieldText(of(FieldKind::Duration), whole(300'000'000'000)) == QStringLiteral("5 min"));
  CHECK(fieldText(of(FieldKind::Duration), whole(200'000)) == QStringLiteral("200 µs"));
  CHECK(fieldText(of(FieldKind::Rate), whole(10'000'000)) == QStringLiteral("10 Mbit/s"));
  CHECK(fieldText(of(FieldKind::Percent), 0.01) == QStringLiteral("1 %"));
  CHECK(fieldText(of(FieldKind::Percent), 0.07) == QStringLiteral("7 %"));
  CHECK(fieldText(of(FieldKind::Bytes), whole(1460)) == QStringLiteral("1460 bytes"));
  CHECK(fieldText(of(FieldKind::Bytes), whole(65'536)) == QStringLiteral("64 KiB"));
  FieldSpec queue = of(FieldKind::Whole);
  queue.unit = QStringLiteral("frames");
  CHECK(fieldText(queue, whole(100)) == QStringLiteral("100 frames"));
  CHECK(read(queue, "7") == FieldValue(whole(7)));
}

TEST_CASE("a bare number takes the unit that stood there") {
  CHECK(read(of(FieldKind::Duration), "5", "20 ms") == FieldValue(whole(5'000'000)));
  CHECK(read(of(FieldKind::Rate), "2.5", "10 Mbit/s") == FieldValue(whole(2'500'000)));
  CHECK(read(of(FieldKind::Bytes), "2", "64 KiB") == FieldValue(whole(2048)));
  CHECK(read(of(FieldKind::Seconds), "90", "") == FieldValue(whole(90)));
  CHECK(read(of(FieldKind::Duration), "0", "") == FieldValue(whole(0)));
  CHECK_FALSE(read(of(FieldKind::Duration), "5", ""));
  CHECK(read(of(FieldKind::Percent), "5", "1 %") == FieldValue(0.05));
}

TEST_CASE("addresses are read strictly") {
  CHECK(read(of(FieldKind::Address), " 10.0.0.1 ") == FieldValue(std::string("10.0.0.1")));
  CHECK_FALSE(read(of(FieldKind::Address), "10.0.0.256"));
  CHECK(read(of(FieldKind::Prefix), "10.0.0.5/24") == FieldValue(std::string("10.0.0.5/24")));
  CHECK_FALSE(read(of(FieldKind::Prefix), "10.0.0.5"));
  CHECK(read(of(FieldKind::Network), "10.0.0.0/24") == FieldValue(std::string("10.0.0.0/24")));
  CHECK_FALSE(read(of(FieldKind::Network), "10.0.0.5/24"));
  CHECK(read(of(FieldKind::Addresses), "10.0.0.1,10.0.0.2") ==
        FieldValue(std::string("10.0.0.1, 10.0.0.2")));
  CHECK_FALSE(read(of(FieldKind::Addresses), "10.0.0.1; 10.0.0.2"));
}

TEST_CASE("what cannot be is refused with the range or an example") {
  const FieldSpec loss = of(FieldKind::Percent, 0, 1);
  CHECK(readField(loss, QStringLiteral("120 %")).error == QStringLiteral("Must be 0 % to 100 %."));
  const FieldSpec delay = of(FieldKind::Duration, 0, 3.6e12);
  CHECK(readField(delay, QStringLiteral("2 h")).error == QStringLiteral("Must be 0 s to 1 h."));
  CHECK(readField(delay, QStringLiteral("soon")).error.contains(QStringLiteral("20 ms")));
  CHECK(readField(of(FieldKind::Prefix), QStringLiteral("x"))
            .error.contains(QStringLiteral("10.0.0.5/24")));
  FieldSpec empty = of(FieldKind::Text);
  CHECK_FALSE(readField(empty, QStringLiteral("  ")).error.isEmpty());
  empty.mayBeEmpty = true;
  CHECK(readField(empty, QStringLiteral("  ")).error.isEmpty());
}

TEST_CASE("a step goes to the next round value and never leaves the range") {
  const FieldSpec delay = of(FieldKind::Duration, 0, 3.6e12);
  CHECK(stepped(delay, whole(10'000'000), 1) == whole(20'000'000));
  CHECK(stepped(delay, whole(10'000'000), -1) == whole(5'000'000));
  CHECK(stepped(delay, whole(0), 1) == whole(1'000'000));
  CHECK(stepped(delay, whole(3'600'000'000'000), 1) == whole(3'600'000'000'000));
  const FieldSpec loss = of(FieldKind::Percent, 0, 1);
  CHECK(stepped(loss, 0.01, 1) == Value(0.02));
  CHECK(stepped(loss, 1.0, 1) == Value(1.0));
  CHECK(stepped(loss, 0.001, -1) == Value(0.0));
  const FieldSpec rate = of(FieldKind::Rate, 1, 1e12);
  CHECK(stepped(rate, whole(10'000'000), 3) == whole(100'000'000));
  CHECK(stepped(rate, whole(1), -1) == whole(1));
  CHECK(stepped(of(FieldKind::Whole, 1, 65535), whole(80), 1) == whole(81));
  CHECK(stepped(of(FieldKind::Address), std::string("10.0.0.1"), 1) ==
        Value(std::string("10.0.0.2")));
}

TEST_CASE("every default of every program is written and read without loss") {
  for (const programs::ProgramType &type : programs::programTypes())
    for (const programs::Parameter &p : type.parameters) {
      const FieldSpec spec = specOf(p);
      if (spec.kind == FieldKind::Records) continue;
      INFO(type.kind << "." << p.key);
      CHECK_FALSE(spec.caption.isEmpty());
      if (p.required) continue;
      const FieldInput again = readField(spec, fieldText(spec, p.byDefault));
      CHECK(again.error.toStdString() == "");
      if (again.value) CHECK(*again.value == p.byDefault);
    }
}

TEST_CASE("a key becomes a caption without its unit") {
  CHECK(captionOf("time_wait_ns") == QStringLiteral("Time wait"));
  CHECK(captionOf("rto_min_ns") == QStringLiteral("RTO min"));
  CHECK(captionOf("bytes") == QStringLiteral("Bytes"));
  CHECK(captionOf("url") == QStringLiteral("URL"));
}

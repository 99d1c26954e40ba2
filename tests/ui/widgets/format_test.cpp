// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/widgets/format.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace packetarium::ui;

namespace {

// Expected strings are written with plain spaces and a hyphen for legibility.
std::string plain(QString text) {
  return text.replace(QChar(0x00A0), u' ').replace(QChar(0x2212), u'-').toStdString();
}

template <class T> struct Row {
  T value;
  const char *text;
};

constexpr std::int64_t us = 1'000;
constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t s = 1'000'000'000;

} // namespace

TEST_CASE("exact durations in a sentence are shortened, and nothing else is") {
  const std::vector<Row<const char *>> table{
      {"60.791658ms", "60.8 ms"},
      {"1s", "1 s"},
      {"after 155.470 ms", "after 155 ms"},
      {"200 OK, 1256 bytes after 155.470 ms (cached)", "200 OK, 1256 bytes after 155 ms (cached)"},
      {"10.0.0.1 0.312 ms", "10.0.0.1 312 \u00B5s"},
      {"02:00:00:00:02:01 on eth0, 59 s left", "02:00:00:00:02:01 on eth0, 59 s left"},
      {"192.168.1.0/24", "192.168.1.0/24"},
      {"3600 s", "3600 s"},
      {"10 Mbit/s", "10 Mbit/s"},
      {"1.5 segments", "1.5 segments"},
      {"http://10.0.0.1s/", "http://10.0.0.1s/"},
      {"", ""}};
  for (const auto &row : table)
    CHECK(plain(withShortDurations(QString::fromUtf8(row.value))) == row.text);
}

TEST_CASE("a prefix is never torn from its slash") {
  const QString said = withWholePrefixes(QStringLiteral("host has 10.0.0.0/24, not /16; and/or"));
  CHECK(said.count(QChar(0x2060)) == 2);
  CHECK(QString(said).remove(QChar(0x2060)) ==
        QStringLiteral("host has 10.0.0.0/24, not /16; and/or"));
}

TEST_CASE("durations read as people say them") {
  const std::vector<Row<std::int64_t>> table{
      {0, "0 s"},
      {1, "1 ns"},
      {250, "250 ns"},
      {999, "999 ns"},
      {1'000, "1 \u00B5s"},
      {1'211'200, "1.21 ms"},
      {20 * ms, "20 ms"},
      {96 * ms, "96 ms"},
      {127'480'312, "127 ms"},
      {999'400 * us, "999 ms"},
      {999'600 * us, "1 s"},
      {999'499, "999 \u00B5s"},
      {999'500, "1 ms"},
      {1'500 * ms, "1.5 s"},
      {59'900 * ms, "59.9 s"},
      {59'960 * ms, "1 min"},
      {60 * s, "1 min"},
      {123 * s, "2 min 3 s"},
      {3600 * s, "1 h"},
      {(4 * 60 + 23) * 60 * s, "4 h 23 min"},
      {86'400 * s, "1 d"},
      {(2 * 86'400 + 4 * 3'600) * s, "2 d 4 h"},
      {-1'211'200, "-1.21 ms"},
  };
  for (const auto &[value, text] : table) CHECK(plain(formatDuration(value)) == text);
}

TEST_CASE("points in time keep every nanosecond") {
  const std::vector<Row<std::int64_t>> table{
      {0, "0.000 000 ms"},
      {1, "0.000 001 ms"},
      {127'480'312, "127.480 312 ms"},
      {999'999'999, "999.999 999 ms"},
      {s, "1.000 000 000 s"},
      {1'127'480'312, "1.127 480 312 s"},
      {60 * s + 5, "1:00.000 000 005"},
      {3'723 * s + 127'480'312, "1:02:03.127 480 312"},
      {-127'480'312, "-127.480 312 ms"},
      {std::numeric_limits<std::int64_t>::min(), "-2562047:47:16.854 775 808"},
  };
  for (const auto &[value, text] : table) CHECK(plain(formatTime(value)) == text);
}

TEST_CASE("points in time for an axis drop what is zero") {
  const std::vector<Row<std::int64_t>> table{
      {0, "0 ms"},
      {30 * ms, "30 ms"},
      {127'480'312, "127.48 ms"},
      {1'127'480'312, "1.12748 s"},
      {2 * s, "2 s"},
      {90 * s, "1:30"},
      {90 * s + 250 * ms, "1:30.25"},
  };
  for (const auto &[value, text] : table) CHECK(plain(formatTimeShort(value)) == text);
}

TEST_CASE("bit rates use powers of 1000") {
  const std::vector<Row<double>> table{
      {0, "0 bit/s"},        {500, "500 bit/s"},    {9'600, "9.6 kbit/s"},
      {10e6, "10 Mbit/s"},   {1e9, "1 Gbit/s"},     {1.544e6, "1.54 Mbit/s"},
      {999'999, "1 Mbit/s"}, {400e9, "400 Gbit/s"}, {2.5e12, "2.5 Tbit/s"},
  };
  for (const auto &[value, text] : table) CHECK(plain(formatBitRate(value)) == text);
  CHECK(formatBitRate(std::numeric_limits<double>::infinity()) == QChar(0x2013));
}

TEST_CASE("sizes stay exact while a packet's size matters") {
  const std::vector<Row<std::int64_t>> table{
      {0, "0 bytes"},        {1, "1 byte"},       {1514, "1514 bytes"},
      {9'999, "9999 bytes"}, {14'600, "14.6 kB"}, {1'000'000, "1 MB"},
      {999'999, "1 MB"},     {65'535, "65.5 kB"}, {3'200'000'000, "3.2 GB"},
  };
  for (const auto &[value, text] : table) CHECK(plain(formatBytes(value)) == text);
}

TEST_CASE("shares never round up to 100 %") {
  const std::vector<Row<double>> table{
      {0, "0 %"},          {0.5, "50 %"},         {0.1234, "12.3 %"},      {0.0123, "1.23 %"},
      {0.0004, "0.04 %"},  {0.9941, "99.41 %"},   {0.9995, "99.95 %"},     {0.999, "99.9 %"},
      {0.9999, "99.99 %"}, {0.99999, "99.999 %"}, {0.999999, "99.9999 %"}, {0.99996, "99.996 %"},
      {1, "100 %"},        {1.4, "140 %"},
  };
  for (const auto &[value, text] : table) CHECK(plain(formatPercent(value)) == text);
  CHECK(formatPercent(std::numeric_limits<double>::quiet_NaN()) == QChar(0x2013));
  for (double missing = 1e-2; missing > 1e-9; missing /= 3)
    CHECK(plain(formatPercent(1 - missing)) != "100 %");
}

TEST_CASE("counts and rates of things are grouped and named") {
  CHECK(plain(formatCount(1448)) == "1448");
  CHECK(plain(formatCount(12'345)) == "12 345");
  CHECK(plain(formatCount(-1'234'567)) == "-1 234 567");
  CHECK(plain(formatPerSecond(0.25)) == "0.25 /s");
  CHECK(plain(formatPerSecond(1200)) == "1200 /s");
  CHECK(plain(formatPerSecond(12'500)) == "12.5 k/s");
  CHECK(plain(formatPerSecond(8, QStringLiteral("requests"))) == "8 requests/s");
  CHECK(plain(formatNumber(0.05)) == "0.05");
  CHECK(plain(formatNumber(1.2149)) == "1.21");
  CHECK(plain(formatNumber(12'300)) == "12 300");
  CHECK(plain(formatNumber(-3)) == "-3");
}

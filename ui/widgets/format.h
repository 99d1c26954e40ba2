// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>

// Numbers as people read them. Three significant digits unless said otherwise, trailing zeros
// dropped, a no-break space before the unit, a true minus sign.
namespace packetarium::ui {

// "0 s", "250 ns", "1.21 ms", "20 ms", "1.5 s"; from a minute on "2 min 3 s", "4 h 23 min", "2 d 4
// h".
[[nodiscard]] QString formatDuration(std::int64_t ns);
// A point in simulated time to the nanosecond: "127.480 312 ms", "1.127 480 312 s",
// "1:02:03.127 480 312".
[[nodiscard]] QString formatTime(std::int64_t ns);
// The same point for an axis or a list, to the microsecond at most: "127.48 ms", "1.1275 s".
[[nodiscard]] QString formatTimeShort(std::int64_t ns);

// A sentence of the core with its exact durations as people read them: "60.791658ms" is "60.8 ms",
// "after 155.470 ms" is "after 155 ms"; everything else stays.
[[nodiscard]] QString withShortDurations(const QString &sentence);

// Keeps "/16" and "10.0.0.0/24" whole where words wrap to the next line.
[[nodiscard]] QString withWholePrefixes(const QString &sentence);

// "10 Mbit/s", "9.6 kbit/s", "0 bit/s".
[[nodiscard]] QString formatBitRate(double bitsPerSecond);
// "1 byte", "1514 bytes", from 10 000 on "14.6 kB" (powers of 1000).
[[nodiscard]] QString formatBytes(std::int64_t bytes);
// "0.25 /s", "1200 /s", "12.5 k/s"; noun, where given, stands before the slash: "8 requests/s".
[[nodiscard]] QString formatPerSecond(double count, const QString &noun = {});
// share 1 is "100 %". From 99 % on never rounded up: 0.99999 is "99.999 %".
[[nodiscard]] QString formatPercent(double share);
// Digits in groups of three: "1448", "12 345".
[[nodiscard]] QString formatCount(std::int64_t count);
// A plain number, three significant digits: "0.05", "1.21", "12 300".
[[nodiscard]] QString formatNumber(double value);

} // namespace packetarium::ui

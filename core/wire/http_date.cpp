// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/http_cookie.h"
#include "core/wire/http_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace packetarium::wire::http {
namespace {

constexpr std::array<std::string_view, 12> monthNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdayNames = {"Sun", "Mon", "Tue", "Wed",
                                                          "Thu", "Fri", "Sat"};

bool isDateDigit(char c) { return c >= '0' && c <= '9'; }

/// RFC 6265 section 5.1.1: all that is no letter, digit, colon or control character.
bool isDateDelimiter(char c) {
  return c == '\t' || (c >= ' ' && c <= '/') || (c >= ';' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

/// Takes least to most digits from the front; nothing when there are fewer, or one more.
std::optional<int> takeDigits(std::string_view &text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  int value = 0;
  while (count < text.size() && count < most && isDateDigit(text[count]))
    value = value * 10 + (text[count++] - '0');
  const bool goesOn = count < text.size() && isDateDigit(text[count]);
  if (count < least || goesOn) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

struct DateParts {
  std::optional<int> seconds; ///< since midnight
  std::optional<int> day, month, year;
};

std::optional<int> timeOf(std::string_view token) {
  std::array<int, 3> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = takeDigits(token, 1, 2);
    if (!number) return std::nullopt;
    parts[i] = *number;
    if (i == 2) break;
    if (!token.starts_with(':')) return std::nullopt;
    token.remove_prefix(1);
  }
  return parts[0] > 23 || parts[1] > 59 || parts[2] > 59
             ? 24 * 3600 // a time all the same, but an impossible one
             : parts[0] * 3600 + parts[1] * 60 + parts[2];
}

std::optional<int> monthOf(std::string_view token) {
  for (std::size_t i = 0; i < monthNames.size(); ++i)
    if (sameText(token.substr(0, 3), monthNames[i])) return static_cast<int>(i) + 1;
  return std::nullopt;
}

/// Each token is the first of time, day, month and year that it can be and that is still missing.
void takeToken(DateParts &date, std::string_view token) {
  const auto first = [](std::optional<int> &into, std::optional<int> value) {
    if (into || !value) return false;
    into = value;
    return true;
  };
  std::string_view day = token, year = token;
  if (first(date.seconds, timeOf(token)) || first(date.day, takeDigits(day, 1, 2)) ||
      first(date.month, monthOf(token)))
    return;
  first(date.year, takeDigits(year, 2, 4));
}

} // namespace

std::optional<std::int64_t> parseCookieDate(std::string_view text) {
  DateParts date;
  for (std::size_t i = 0; i < text.size();) {
    const auto *const end = std::find_if(text.begin() + i, text.end(), isDateDelimiter);
    const auto stop = static_cast<std::size_t>(end - text.begin());
    if (stop > i) takeToken(date, text.substr(i, stop - i));
    i = stop + 1;
  }
  if (!date.seconds || !date.day || !date.month || !date.year || *date.seconds >= 24 * 3600)
    return std::nullopt;
  const int year = *date.year + (*date.year >= 70 && *date.year <= 99  ? 1900
                                 : *date.year >= 0 && *date.year <= 69 ? 2000
                                                                       : 0);
  const std::chrono::year_month_day on{std::chrono::year(year),
                                       std::chrono::month(static_cast<unsigned>(*date.month)),
                                       std::chrono::day(static_cast<unsigned>(*date.day))};
  if (year < 1601 || !on.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(on).time_since_epoch().count();
  return days * 86400 + *date.seconds;
}

std::string imfDate(std::int64_t secondsSince1970) {
  const auto instant = std::chrono::sys_seconds(std::chrono::seconds(secondsSince1970));
  const auto midnight = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day on(midnight);
  const std::int64_t rest = (instant - midnight).count();
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     weekdayNames[std::chrono::weekday(midnight).c_encoding()],
                     static_cast<unsigned>(on.day()),
                     monthNames[static_cast<unsigned>(on.month()) - 1], static_cast<int>(on.year()),
                     rest / 3600, rest / 60 % 60, rest % 60);
}

} // namespace packetarium::wire::http

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/fault_list.h"

#include "core/scenario/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace packetarium::scenario {
namespace {

constexpr std::size_t shownBytes = 60;
constexpr std::size_t messageBytes = 1000;
constexpr std::size_t shownWords = 12;

std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, change});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// Bytes of the UTF-8 sequence that begins here, or 0 when it is none (RFC 3629 section 4).
std::size_t utf8Length(std::string_view text) {
  const auto at = [&text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&at](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xe0 && at(1) < 0xa0) return 0; // overlong
    if (first == 0xed && at(1) > 0x9f) return 0; // surrogate
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xf0 && at(1) < 0x90) return 0;
    if (first == 0xf4 && at(1) > 0x8f) return 0; // beyond U+10FFFF
    return 4;
  }
  return 0;
}

bool isControl(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7f;
  // C1 controls, U+0080 to U+009F, which some terminals obey.
  return sequence.size() == 2 && first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;
}

} // namespace

void FaultList::add(std::string path, std::string message) {
  if (m_faults.size() < Limits::faults)
    m_faults.push_back({std::move(path), printable(message, messageBytes)});
  else
    ++m_more;
}

void FaultList::append(std::vector<Fault> faults) {
  for (Fault &fault : faults) add(std::move(fault.path), std::move(fault.message));
}

bool FaultList::full() const { return m_faults.size() >= Limits::faults; }

bool FaultList::clean(std::string_view path) const {
  return std::none_of(m_faults.begin(), m_faults.end(), [path](const Fault &fault) {
    if (!std::string_view(fault.path).starts_with(path)) return false;
    if (fault.path.size() == path.size() || path.empty()) return true;
    const char next = fault.path[path.size()];
    return next == '.' || next == '[';
  });
}

bool FaultList::covers(std::string_view path) const {
  return std::any_of(m_faults.begin(), m_faults.end(), [path](const Fault &fault) {
    if (fault.path.empty() || !path.starts_with(fault.path)) return false;
    if (fault.path.size() == path.size()) return true;
    const char next = path[fault.path.size()];
    return next == '.' || next == '[';
  });
}

std::vector<Fault> FaultList::take() {
  if (m_more > 0) m_faults.push_back({"", fmt::format("and {} more faults", m_more)});
  return std::move(m_faults);
}

std::string indexed(std::string_view list, std::size_t i) { return fmt::format("{}[{}]", list, i); }

std::string printable(std::string_view text) { return printable(text, shownBytes); }

std::string printable(std::string_view text, std::size_t bytes) {
  std::string out;
  while (!text.empty() && out.size() < bytes) {
    const std::size_t length = utf8Length(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    out += length == 0 || isControl(sequence) ? std::string_view("?") : sequence;
    text.remove_prefix(sequence.size());
  }
  if (!text.empty()) out += "...";
  return out;
}

std::string inQuotes(std::string_view text) { return "\"" + printable(text) + "\""; }

std::string_view nearest(std::string_view word, const std::vector<std::string_view> &known) {
  if (word.size() > Limits::idChars) return {};
  std::string_view best;
  // Further off is no likeness; of one letter everything would be one.
  std::size_t bestDistance = std::min(word.size(), word.size() / 3 + 2);
  for (const std::string_view candidate : known) {
    if (candidate.size() > 2 * Limits::idChars) continue;
    if (word.size() >= 3 && candidate.starts_with(word)) return candidate;
    const std::size_t distance = editDistance(word, candidate);
    if (distance >= bestDistance) continue;
    bestDistance = distance;
    best = candidate;
  }
  return best;
}

std::string hintAmong(std::string_view word, const std::vector<std::string_view> &known) {
  if (known.empty()) return "; there is none";
  // Looking for likeness among very many would take too long on a hostile file.
  const std::string_view near = known.size() <= 200 ? nearest(word, known) : std::string_view{};
  if (!near.empty()) return "; did you mean " + inQuotes(near) + "?";
  std::string text = "; there are: ";
  for (std::size_t i = 0; i < known.size() && i < shownWords; ++i)
    text += (i == 0 ? "" : ", ") + printable(known[i]);
  return known.size() > shownWords ? text + ", ..." : text;
}

bool isId(std::string_view text) {
  return !text.empty() && text.size() <= Limits::idChars &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

bool isPlainText(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8Length(text);
    if (length == 0) return false;
    const std::string_view sequence = text.substr(0, length);
    if (isControl(sequence) && sequence != "\n" && sequence != "\t") return false;
    text.remove_prefix(length);
  }
  return true;
}

} // namespace packetarium::scenario

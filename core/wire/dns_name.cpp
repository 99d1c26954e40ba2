// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dns_name.h"

#include "core/wire/bytes.h"
#include "core/wire/dns.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire::dns {
namespace {

constexpr std::size_t maxNameBytes = 255; // RFC 1035 section 2.3.4, with length bytes and the root
constexpr std::size_t maxLabelBytes = 63;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool isPlain(std::uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Takes one character or "\DDD" off the text; nothing when the escape is malformed.
std::optional<std::uint8_t> takeByte(std::string_view &text) {
  if (text[0] != '\\') {
    const auto byte = static_cast<std::uint8_t>(text[0]);
    text.remove_prefix(1);
    return byte;
  }
  if (text.size() < 4 || !isDigit(text[1]) || !isDigit(text[2]) || !isDigit(text[3]))
    return std::nullopt;
  const int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  if (value > 255) return std::nullopt;
  text.remove_prefix(4);
  return static_cast<std::uint8_t>(value);
}

} // namespace

std::string labelText(std::string_view raw) {
  std::string out;
  for (const char c : raw) {
    if (isPlain(static_cast<std::uint8_t>(c)))
      out.push_back(c);
    else
      out += fmt::format("\\{:03}", static_cast<std::uint8_t>(c));
  }
  return out;
}

std::optional<std::vector<std::string>> splitName(std::string_view name) {
  std::vector<std::string> labels;
  if (name.empty() || name == ".") return labels;
  std::size_t total = 1;
  std::string label;
  while (!name.empty()) {
    const bool dot = name[0] == '.';
    if (dot) {
      name.remove_prefix(1);
    } else {
      const auto byte = takeByte(name);
      if (!byte || label.size() == maxLabelBytes) return std::nullopt;
      label.push_back(static_cast<char>(*byte));
    }
    if (!dot && !name.empty()) continue;
    if (label.empty()) return std::nullopt;
    total += label.size() + 1;
    if (total > maxNameBytes) return std::nullopt;
    labels.push_back(std::move(label));
    label.clear();
  }
  return labels;
}

bool validName(std::string_view name) { return splitName(name).has_value(); }

std::optional<NameAt> readName(std::span<const std::uint8_t> message, std::size_t offset) {
  NameAt at;
  std::size_t total = 1;
  std::size_t bound = offset; // a pointer must lead to before the stretch it stands in
  bool jumped = false;
  int jumps = 0;
  for (std::size_t i = offset;;) {
    if (i >= message.size()) return std::nullopt;
    const std::uint8_t length = message[i];
    if (length == 0) {
      if (!jumped) at.next = i + 1;
      return at;
    }
    if ((length & 0xc0) == 0xc0) {
      if (i + 1 >= message.size()) return std::nullopt;
      const std::size_t target = static_cast<std::size_t>(length & 0x3f) << 8 | message[i + 1];
      // A name has at most 127 labels, so an honest one never needs more pointers than that.
      if (target >= bound || ++jumps > 127) return std::nullopt;
      if (!jumped) at.next = i + 2;
      jumped = true;
      bound = i = target;
      continue;
    }
    if ((length & 0xc0) != 0 || i + 1 + length > message.size()) return std::nullopt;
    total += std::size_t{1} + length;
    if (total > maxNameBytes) return std::nullopt;
    if (!at.name.empty()) at.name.push_back('.');
    const auto *text = reinterpret_cast<const char *>(message.data() + i + 1);
    at.name += labelText({text, length});
    i += std::size_t{1} + length;
  }
}

std::string canonicalName(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool sameName(std::string_view a, std::string_view b) {
  return canonicalName(a) == canonicalName(b);
}

std::string_view parentName(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

bool isWithin(std::string_view name, std::string_view zone) {
  const std::string n = canonicalName(name);
  const std::string z = canonicalName(zone);
  if (z.empty() || n == z) return true;
  return n.size() > z.size() && n.compare(n.size() - z.size(), z.size(), z) == 0 &&
         n[n.size() - z.size() - 1] == '.';
}

} // namespace packetarium::wire::dns

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/packet_filter.h"

#include <algorithm>
#include <array>

namespace packetarium::analysis {
namespace {

using wire::Field;
using wire::FieldKey;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool containsText(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool sameText(std::string_view a, std::string_view b) {
  return a.size() == b.size() && containsText(a, b);
}

/// Names that stand for several fields.
struct Alias {
  std::string_view name;
  std::array<std::string_view, 4> fields;
};
constexpr Alias aliases[] = {
    {"eth.addr", {"eth.src", "eth.dst"}},
    {"ip.addr", {"ip.src", "ip.dst"}},
    {"tcp.port", {"tcp.srcport", "tcp.dstport"}},
    {"udp.port", {"udp.srcport", "udp.dstport"}},
    {"port", {"tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport"}},
};

bool named(const Field &field, std::string_view wanted) {
  if (field.abbrev == wanted) return true;
  for (const auto &alias : aliases) {
    if (alias.name != wanted) continue;
    const auto &names = alias.fields;
    return std::find(names.begin(), names.end(), field.abbrev) != names.end();
  }
  return false;
}

bool isFlag(const Field &f) { return f.bitMask != 0 && (f.bitMask & (f.bitMask - 1)) == 0; }

/// A bare name: a flag must be set, a number given by the caller must not be 0, else presence is
/// all.
bool holds(const Field &f) {
  const auto *number = std::get_if<std::uint64_t>(&f.key);
  const bool boolean = isFlag(f) || (f.length == 0 && f.layer == 0);
  return number == nullptr || !boolean || *number != 0;
}

/// The order of a key against a literal's: -1, 0, 1; nothing when they are of different kinds.
std::optional<int> order(const FieldKey &a, const FieldKey &b) {
  if (a.index() != b.index()) return std::nullopt;
  if (a < b) return -1;
  return b < a ? 1 : 0;
}

} // namespace

/// A packet and what the caller adds to it.
struct PacketFilter::Subject {
  const wire::Dissection &dissection;
  std::span<const Field> extra;

  /// Calls visit for each occurrence of the field until it returns true.
  template <class Visit> bool any(std::string_view name, Visit &&visit) const {
    for (const Field &f : extra)
      if (f.abbrev == name && visit(f)) return true;
    return anyIn(dissection.layers, name, visit);
  }

private:
  template <class Visit>
  static bool anyIn(const std::vector<Field> &fields, std::string_view name, Visit &visit) {
    for (const Field &f : fields) {
      if (named(f, name) && visit(f)) return true;
      if (anyIn(f.children, name, visit)) return true;
    }
    return false;
  }
};

bool PacketFilter::compare(Op op, const Field &field, const Literal &literal,
                           const wire::Dissection &d) {
  if (op == Op::Contains) {
    if (const auto *text = std::get_if<std::string>(&field.key);
        text != nullptr && containsText(*text, literal.text))
      return true;
    if (containsText(field.value, literal.text)) return true;
    if (field.offset + std::size_t{field.length} > d.bytes.size()) return false;
    const auto *bytes = reinterpret_cast<const char *>(d.bytes.data()) + field.offset;
    return field.length > 0 && containsText({bytes, field.length}, literal.text);
  }
  if (literal.isRange) {
    const auto *number = std::get_if<std::uint64_t>(&field.key);
    return number != nullptr && *number >= std::get<std::uint64_t>(literal.key) &&
           *number <= literal.last;
  }
  if (literal.isPrefix) {
    const auto *address = std::get_if<wire::Ipv4Address>(&field.key);
    const wire::Ipv4Prefix block{std::get<wire::Ipv4Address>(literal.key), literal.prefixLength};
    return address != nullptr && block.contains(*address);
  }
  const auto *text = std::get_if<std::string>(&field.key);
  std::optional<int> place = order(field.key, literal.key);
  if (text != nullptr) place = sameText(*text, literal.text) ? 0 : text->compare(literal.text);
  // Flags are as often written true and false as 1 and 0; other numbers may have names.
  if (!place && (literal.text == "true" || literal.text == "false"))
    place = order(field.key, std::uint64_t{literal.text == "true" ? 1U : 0U});
  if (!place)
    return op == Op::Equal && !literal.text.empty() &&
           sameText(std::string_view(field.value).substr(0, field.value.find(" (")), literal.text);
  switch (op) {
  case Op::Less: return *place < 0;
  case Op::Greater: return *place > 0;
  case Op::LessEqual: return *place <= 0;
  case Op::GreaterEqual: return *place >= 0;
  default: return *place == 0;
  }
}

bool PacketFilter::evaluate(std::uint32_t index, const Subject &s) const {
  const Node &node = m_nodes[index];
  const auto equalsAny = [&](const Field &f) {
    return std::any_of(node.literals.begin(), node.literals.end(),
                       [&](const Literal &l) { return compare(Op::Equal, f, l, s.dissection); });
  };
  switch (node.op) {
  case Op::And: return evaluate(node.left, s) && evaluate(node.right, s);
  case Op::Or: return evaluate(node.left, s) || evaluate(node.right, s);
  case Op::Not: return !evaluate(node.left, s);
  case Op::Present: return s.any(node.field, holds);
  case Op::FreeText:
    return containsText(s.dissection.info, node.field) ||
           containsText(s.dissection.protocol, node.field) ||
           containsText(s.dissection.label, node.field);
  case Op::Equal:
  case Op::In: return s.any(node.field, equalsAny);
  case Op::NotEqual:
    return s.any(node.field, [](const Field &) { return true; }) && !s.any(node.field, equalsAny);
  default:
    return s.any(node.field, [&](const Field &f) {
      return compare(node.op, f, node.literals[0], s.dissection);
    });
  }
}

bool PacketFilter::matches(const wire::Dissection &d, std::span<const Field> extra) const {
  if (m_nodes.empty()) return true;
  return evaluate(static_cast<std::uint32_t>(m_nodes.size() - 1), Subject{d, extra});
}

} // namespace packetarium::analysis

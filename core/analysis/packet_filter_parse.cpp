// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/filter_tokens.h"
#include "core/analysis/packet_filter.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::analysis {
namespace {

constexpr std::size_t maxTextBytes = 4096;
constexpr int maxDepth = 64;

/// Names that callers supply, or that stand for several fields, besides the catalogue's.
constexpr std::string_view extraNames[] = {
    "eth.addr", "ip.addr", "tcp.port",     "udp.port",   "port",
    "node",     "link",    "frame.number", "frame.time", "dropped",
};

/// Decimal, or hexadecimal after 0x.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  }
  if (text.empty() || text.size() > (base == 16 ? 16U : 18U)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : 99;
    if (static_cast<std::uint64_t>(digit) >= base) return std::nullopt;
    value = value * base + static_cast<std::uint64_t>(digit);
  }
  return value;
}

} // namespace

/// Recursive descent: or < and < not < comparison.
class FilterParser {
public:
  using Op = PacketFilter::Op;
  FilterParser(std::vector<FilterToken> tokens, std::span<const std::string_view> extra)
      : m_tokens(std::move(tokens)), m_extra(extra) {}

  Result<PacketFilter> parse() {
    if (peek().kind == FilterTokenKind::End) return PacketFilter{};
    parseOr();
    if (!m_fault && peek().kind != FilterTokenKind::End)
      fail(peek(), fmt::format("expected and, or, or the end, found '{}'", peek().text));
    if (m_fault) return *m_fault;
    return std::move(m_filter);
  }

private:
  const FilterToken &peek() const { return m_tokens[m_at]; }
  FilterToken take() { return m_tokens[m_at + 1 < m_tokens.size() ? m_at++ : m_at]; }
  bool isSymbol(std::string_view s) const {
    return peek().kind == FilterTokenKind::Symbol && peek().text == s;
  }
  bool isWord(std::string_view s) const {
    return peek().kind == FilterTokenKind::Word && peek().text == s;
  }
  std::uint32_t fail(const FilterToken &at, std::string_view message) {
    if (!m_fault) m_fault = filterFault(at.column, message);
    return 0;
  }
  std::uint32_t add(PacketFilter::Node node) {
    m_filter.m_nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(m_filter.m_nodes.size() - 1);
  }
  std::uint32_t join(Op op, std::uint32_t left, std::uint32_t right) {
    PacketFilter::Node node;
    node.op = op;
    node.left = left;
    node.right = right;
    return add(std::move(node));
  }
  bool known(std::string_view name) const {
    const auto holds = [name](auto &&names) {
      return std::find(std::begin(names), std::end(names), name) != std::end(names);
    };
    return wire::findFieldSpec(name) != nullptr || holds(extraNames) || holds(m_extra);
  }

  std::uint32_t parseOr();
  std::uint32_t parseAnd();
  std::uint32_t parseNot();
  std::uint32_t parseTerm();
  std::optional<Op> comparison();
  PacketFilter::Literal literal();
  void set(PacketFilter::Node &node);

  std::vector<FilterToken> m_tokens;
  std::span<const std::string_view> m_extra;
  std::size_t m_at = 0;
  int m_depth = 0;
  PacketFilter m_filter;
  std::optional<Fault> m_fault;
};

std::uint32_t FilterParser::parseOr() {
  std::uint32_t left = parseAnd();
  while (!m_fault && (isSymbol("||") || isWord("or"))) {
    take();
    left = join(Op::Or, left, parseAnd());
  }
  return left;
}

std::uint32_t FilterParser::parseAnd() {
  std::uint32_t left = parseNot();
  while (!m_fault && (isSymbol("&&") || isWord("and"))) {
    take();
    left = join(Op::And, left, parseNot());
  }
  return left;
}

std::uint32_t FilterParser::parseNot() {
  if (m_fault) return 0;
  if (++m_depth > maxDepth) return fail(peek(), "too deeply nested");
  std::uint32_t node = 0;
  if (isSymbol("!") || isWord("not")) {
    take();
    node = join(Op::Not, parseNot(), 0);
  } else if (isSymbol("(")) {
    const FilterToken open = take();
    node = parseOr();
    if (!m_fault && !isSymbol(")"))
      fail(peek(), fmt::format("the bracket of column {} is not closed", open.column));
    if (!m_fault) take();
  } else {
    node = parseTerm();
  }
  --m_depth;
  return node;
}

std::optional<PacketFilter::Op> FilterParser::comparison() {
  struct Spelling {
    std::string_view symbol, word;
    Op op;
  };
  constexpr Spelling spellings[] = {
      {"==", "eq", Op::Equal},
      {"!=", "ne", Op::NotEqual},
      {"<=", "le", Op::LessEqual},
      {">=", "ge", Op::GreaterEqual},
      {"<", "lt", Op::Less},
      {">", "gt", Op::Greater},
      {"contains", "contains", Op::Contains},
      {"in", "in", Op::In},
  };
  for (const auto &s : spellings) {
    if (!isSymbol(s.symbol) && !isWord(s.word)) continue;
    take();
    return s.op;
  }
  return std::nullopt;
}

std::uint32_t FilterParser::parseTerm() {
  const FilterToken first = take();
  if (first.kind != FilterTokenKind::Word && first.kind != FilterTokenKind::Quoted)
    return fail(first, fmt::format("expected a field or a word, found '{}'", first.text));
  PacketFilter::Node node;
  node.field = first.text;
  const FilterToken sign = peek();
  const auto op = first.kind == FilterTokenKind::Word ? comparison() : std::nullopt;
  if (!op) {
    node.op = first.kind == FilterTokenKind::Word && known(first.text) ? Op::Present : Op::FreeText;
    return add(std::move(node));
  }
  if (!known(first.text)) return fail(first, fmt::format("there is no field '{}'", first.text));
  node.op = *op;
  if (*op == Op::In) {
    set(node);
  } else {
    node.literals.push_back(literal());
    const auto &value = node.literals.back();
    if (value.isRange) return fail(sign, "a range of numbers goes with in { }");
    if (value.isPrefix && *op != Op::Equal && *op != Op::NotEqual)
      return fail(sign, "a block of addresses goes with ==, != or in { }");
  }
  return add(std::move(node));
}

void FilterParser::set(PacketFilter::Node &node) {
  if (!isSymbol("{")) {
    fail(peek(), "expected { after in");
    return;
  }
  take();
  while (!m_fault && !isSymbol("}")) {
    node.literals.push_back(literal());
    if (isSymbol(",")) take();
  }
  if (!m_fault && node.literals.empty()) fail(peek(), "expected a value between { and }");
  if (!m_fault) take();
}

PacketFilter::Literal FilterParser::literal() {
  const FilterToken token = take();
  PacketFilter::Literal out;
  out.text = token.text;
  out.quoted = token.kind == FilterTokenKind::Quoted;
  if (token.kind != FilterTokenKind::Word && !out.quoted) {
    fail(token, fmt::format("expected a value, found '{}'", token.text));
    return out;
  }
  const std::string_view text = token.text;
  const std::size_t dots = text.find("..");
  if (out.quoted) {
    out.key = token.text;
  } else if (const auto n = number(text)) {
    out.key = *n;
  } else if (const auto address = wire::Ipv4Address::parse(text)) {
    out.key = *address;
  } else if (const auto block = wire::Ipv4Prefix::parse(text)) {
    out.key = block->address;
    out.isPrefix = true;
    out.prefixLength = block->length;
  } else if (const auto mac = wire::MacAddress::parse(text)) {
    out.key = *mac;
  } else if (dots != text.npos && number(text.substr(0, dots)) && number(text.substr(dots + 2))) {
    out.key = *number(text.substr(0, dots));
    out.isRange = true;
    out.last = *number(text.substr(dots + 2));
  } else {
    out.key = token.text;
  }
  return out;
}

Result<PacketFilter> PacketFilter::parse(std::string_view text,
                                         std::span<const std::string_view> extraFields) {
  if (text.size() > maxTextBytes)
    return Fault{"filter", fmt::format("must be at most {} characters", maxTextBytes)};
  auto tokens = filterTokens(text);
  if (!tokens) return tokens.faults();
  return FilterParser(std::move(tokens.value()), extraFields).parse();
}

} // namespace packetarium::analysis

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/filter_tokens.h"

#include <fmt/format.h>

namespace packetarium::analysis {
namespace {

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// What may stand in a word: names, numbers, addresses, prefixes, host names, paths.
bool isWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         byte >= 128 || std::string_view("._:-/@%?*+#~").find(c) != std::string_view::npos;
}

class Lexer {
public:
  explicit Lexer(std::string_view text) : m_text(text) {}

  Result<std::vector<FilterToken>> all() {
    std::vector<FilterToken> out;
    for (;;) {
      while (m_at < m_text.size() && isBlank(m_text[m_at])) ++m_at;
      if (m_at == m_text.size()) break;
      auto token = next();
      if (!token) return token.faults();
      out.push_back(std::move(token.value()));
    }
    out.push_back({FilterTokenKind::End, "the end", m_text.size() + 1});
    return out;
  }

private:
  Result<FilterToken> next() {
    const std::size_t column = m_at + 1;
    const char c = m_text[m_at];
    if (c == '"' || c == '\'') return quoted(c, column);
    for (const std::string_view symbol :
         {"==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "{", "}", ",", "=", "&"}) {
      if (m_text.substr(m_at, symbol.size()) != symbol) continue;
      m_at += symbol.size();
      if (symbol == "=") return filterFault(column, "write == to compare");
      if (symbol == "&") return filterFault(column, "write && or and");
      return FilterToken{FilterTokenKind::Symbol, std::string(symbol), column};
    }
    if (!isWordByte(c))
      return filterFault(column, fmt::format("'{}' has no meaning here", shown(c)));
    const std::size_t start = m_at;
    while (m_at < m_text.size() && isWordByte(m_text[m_at])) ++m_at;
    return FilterToken{FilterTokenKind::Word, std::string(m_text.substr(start, m_at - start)),
                       column};
  }

  static std::string shown(char c) {
    return c >= 32 && c < 127 ? std::string(1, c)
                              : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }

  Result<FilterToken> quoted(char mark, std::size_t column) {
    std::string text;
    for (++m_at; m_at < m_text.size() && m_text[m_at] != mark; ++m_at) {
      if (m_text[m_at] == '\\' && m_at + 1 < m_text.size()) ++m_at;
      text.push_back(m_text[m_at]);
    }
    if (m_at == m_text.size()) return filterFault(column, "the quotation mark is not closed");
    ++m_at;
    return FilterToken{FilterTokenKind::Quoted, std::move(text), column};
  }

  std::string_view m_text;
  std::size_t m_at = 0;
};

} // namespace

Result<std::vector<FilterToken>> filterTokens(std::string_view text) { return Lexer(text).all(); }

Fault filterFault(std::size_t column, std::string_view message) {
  return {"filter", fmt::format("column {}: {}", column, message)};
}

} // namespace packetarium::analysis

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/machine.h"

#include "core/programs/kv_protocol.h"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <utility>

namespace packetarium::programs::raft {
namespace {

template <class Number> std::optional<Number> numberFrom(std::string_view text) {
  Number n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return n;
}

/// Words with commas between, in letters that a cluster message carries as they are.
class WordWriter {
public:
  void add(std::string_view word) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : word) {
      if (c > ' ' && c < '\x7f' && c != '%' && c != ',' && c != '~') {
        m_out.push_back(c);
        continue;
      }
      const auto byte = static_cast<unsigned char>(c);
      m_out.push_back('~');
      m_out.push_back(digits[byte >> 4]);
      m_out.push_back(digits[byte & 15]);
    }
    m_out.push_back(',');
  }
  void add(std::uint64_t number) { add(std::string_view(std::to_string(number))); }
  std::string take() { return std::move(m_out); }

private:
  std::string m_out;
};

class WordReader {
public:
  explicit WordReader(std::string_view text) : m_rest(text) {}
  bool sound() const { return m_sound; }
  bool atEnd() const { return m_rest.empty(); }
  std::string word() {
    const std::size_t comma = m_rest.find(',');
    if (comma == std::string_view::npos) {
      m_sound = false;
      m_rest = {};
      return {};
    }
    const std::string_view raw = m_rest.substr(0, comma);
    m_rest.remove_prefix(comma + 1);
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '~' || raw.size() - i < 3) {
        out.push_back(raw[i]);
        continue;
      }
      unsigned byte = 0;
      std::from_chars(raw.data() + i + 1, raw.data() + i + 3, byte, 16);
      out.push_back(static_cast<char>(byte));
      i += 2;
    }
    return out;
  }
  std::uint64_t number() {
    const auto n = numberFrom<std::uint64_t>(word());
    if (!n) m_sound = false;
    return n.value_or(0);
  }

private:
  std::string_view m_rest;
  bool m_sound = true;
};

std::set<std::string, std::less<>> elementsIn(std::string_view text) {
  std::set<std::string, std::less<>> elements;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    elements.emplace(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return elements;
}

std::string withCommas(const std::set<std::string, std::less<>> &elements) {
  std::string text;
  for (const std::string &e : elements) text += (text.empty() ? "" : ",") + e;
  return text;
}

} // namespace

std::optional<std::string> Machine::get(std::string_view key) const {
  const auto found = m_values.find(key);
  if (found == m_values.end()) return {};
  return found->second;
}

Outcome Machine::apply(Index index, const Command &command, bool once) {
  if (command.verb == "read") return {Outcome::Kind::Done, get(command.key)};
  if (command.verb == "no-op" || command.verb == "members") return {};
  const std::size_t space = command.once.rfind(' ');
  const auto number =
      space == std::string::npos
          ? std::nullopt
          : numberFrom<std::uint64_t>(std::string_view(command.once).substr(space + 1));
  if (!once || !number) return change(command);
  const std::string_view who = std::string_view(command.once).substr(0, space);
  const auto known = m_sessions.find(who);
  if (known != m_sessions.end() && *number < known->second.number) return {Outcome::Kind::Old, {}};
  Outcome outcome = known != m_sessions.end() && *number == known->second.number
                        ? known->second.outcome
                        : change(command);
  remember(who, {*number, outcome, index});
  return outcome;
}

void Machine::remember(std::string_view who, Session session) {
  const auto known = m_sessions.find(who);
  if (known != m_sessions.end()) m_byUse.erase(known->second.used);
  m_byUse[session.used] = std::string(who);
  m_sessions[std::string(who)] = std::move(session);
  if (m_sessions.size() <= sessionsMax) return;
  m_sessions.erase(m_byUse.begin()->second);
  m_byUse.erase(m_byUse.begin());
}

/// add of a number counts up, of another text puts an element into a set ("a,b"); remove with a
/// value takes an element out, without one the key.
Outcome Machine::change(const Command &c) {
  const std::optional<std::string> was = get(c.key);
  const std::string old = was.value_or(std::string{});
  const bool grows = c.verb == "append" || c.verb == "add";
  if (grows && c.key.size() + old.size() + c.value.size() > kv::valueBytesMax)
    return {Outcome::Kind::Refused, "the value has grown too long"};
  if (c.verb == "write" || c.verb == "append") {
    m_values[c.key] = c.verb == "write" ? c.value : old + c.value;
    return {};
  }
  if (c.verb == "cas") {
    if (was != c.from) return {Outcome::Kind::Failed, was};
    m_values[c.key] = c.value;
    return {};
  }
  if (c.verb == "remove" && c.value.empty()) {
    m_values.erase(c.key);
    return {};
  }
  const auto step = numberFrom<std::int64_t>(c.value);
  const auto sum = old.empty() ? std::optional<std::int64_t>{0} : numberFrom<std::int64_t>(old);
  if (c.verb == "add" && step) {
    if (!sum) return {Outcome::Kind::Refused, "a number is added to a number alone"};
    // Wraps as two's complement does, so that no sum is undefined.
    m_values[c.key] = std::to_string(static_cast<std::int64_t>(static_cast<std::uint64_t>(*sum) +
                                                               static_cast<std::uint64_t>(*step)));
    return {};
  }
  auto elements = elementsIn(old);
  if (c.verb == "add")
    elements.insert(c.value);
  else
    elements.erase(c.value);
  m_values[c.key] = withCommas(elements);
  return {};
}

std::string Machine::save() const {
  WordWriter out;
  out.add(m_values.size());
  for (const auto &[key, value] : m_values) {
    out.add(key);
    out.add(value);
  }
  for (const auto &[who, s] : m_sessions) {
    out.add(who);
    out.add(s.number);
    out.add(static_cast<std::uint64_t>(s.outcome.kind));
    out.add(s.outcome.value ? "=" + *s.outcome.value : "");
    out.add(s.used);
  }
  return out.take();
}

bool Machine::load(std::string_view text) {
  Machine loaded;
  WordReader in(text);
  const std::uint64_t values = in.number();
  for (std::uint64_t i = 0; i < values && in.sound(); ++i) {
    std::string key = in.word();
    loaded.m_values[std::move(key)] = in.word();
  }
  while (in.sound() && !in.atEnd()) {
    const std::string who = in.word();
    Session s;
    s.number = in.number();
    s.outcome.kind = static_cast<Outcome::Kind>(in.number() & 3);
    const std::string value = in.word();
    if (!value.empty()) s.outcome.value = value.substr(1);
    s.used = in.number();
    loaded.remember(who, std::move(s));
  }
  if (in.sound()) *this = std::move(loaded);
  return in.sound();
}

std::string digestOf(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return fmt::format("{:016x}", hash);
}

} // namespace packetarium::programs::raft

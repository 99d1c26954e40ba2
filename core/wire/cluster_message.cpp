// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/cluster_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace packetarium::wire::cluster {
namespace {

constexpr std::string_view upperHexDigits = "0123456789ABCDEF";

bool isWordLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/// Stands for itself within a value; all else is percent-encoded.
bool isPlainLetter(char c) { return c > ' ' && c < '\x7f' && c != '%'; }

void appendEncoded(std::string &out, std::string_view value) {
  for (const char c : value) {
    if (isPlainLetter(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(upperHexDigits[byte >> 4]);
    out.push_back(upperHexDigits[byte & 15]);
  }
}

Fault lineFault(std::size_t at, std::string_view what) {
  return {"message", fmt::format("{} (byte {})", what, at)};
}

/// Reads a line from its front; a value has one form only, so that a damaged one is never the same.
class LineReader {
public:
  explicit LineReader(std::string_view line) : m_line(line) {}

  Result<Message> message();

private:
  std::string_view word();
  bool value(std::string &out);
  bool atEnd() const { return m_at == m_line.size(); }
  bool take(char c) {
    if (atEnd() || m_line[m_at] != c) return false;
    ++m_at;
    return true;
  }
  Fault fault(std::string_view what) const { return lineFault(m_at, what); }

  std::string_view m_line;
  std::size_t m_at = 0;
};

std::string_view LineReader::word() {
  const std::size_t from = m_at;
  while (!atEnd() && isWordLetter(m_line[m_at])) ++m_at;
  return m_line.substr(from, m_at - from);
}

bool LineReader::value(std::string &out) {
  while (!atEnd() && m_line[m_at] != ' ') {
    if (isPlainLetter(m_line[m_at])) {
      out.push_back(m_line[m_at++]);
      continue;
    }
    if (m_line[m_at] != '%' || m_line.size() - m_at < 3) return false;
    const auto high = upperHexDigits.find(m_line[m_at + 1]);
    const auto low = upperHexDigits.find(m_line[m_at + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    const char c = static_cast<char>(high << 4 | low);
    if (isPlainLetter(c)) return false;
    out.push_back(c);
    m_at += 3;
  }
  return true;
}

Result<Message> LineReader::message() {
  if (m_line.substr(0, magic.size()) != magic) return fault("does not begin with PCM1");
  m_at = magic.size();
  const std::string_view verb = word();
  if (verb.empty()) return fault("needs a verb of letters, digits and -");
  Message out(verb);
  while (take(' ')) {
    const std::string_view key = word();
    if (key.empty() || !take('=')) return fault("needs key=value after each space");
    std::string text;
    if (!value(text)) return fault("a value stands for itself or is percent-encoded");
    if (out.fields().size() == fieldsMax) return fault("has too many fields");
    out.add(key, text);
  }
  if (!atEnd()) return fault("a word has letters, digits and - only");
  return out;
}

/// What the Raft paper calls a message with a term; the verb itself if it has no name there.
std::string_view raftName(std::string_view verb) {
  constexpr std::array<std::array<std::string_view, 2>, 15> names{{
      {"pre-vote", "PreVote"},
      {"pre-vote-yes", "pre-vote granted"},
      {"pre-vote-no", "pre-vote refused"},
      {"vote", "RequestVote"},
      {"vote-yes", "vote granted"},
      {"vote-no", "vote refused"},
      {"append", "AppendEntries"},
      {"append-part", "AppendEntries part"},
      {"append-part-ok", "part accepted"},
      {"append-ok", "entries accepted"},
      {"append-no", "entries refused"},
      {"snapshot", "InstallSnapshot"},
      {"snapshot-ok", "snapshot accepted"},
      {"snapshot-no", "snapshot refused"},
      {"timeout-now", "TimeoutNow"},
  }};
  for (const auto &[known, name] : names)
    if (known == verb) return name;
  return verb;
}

} // namespace

Message &Message::add(std::string_view key, std::string_view value) {
  m_fields.emplace_back(key, value);
  return *this;
}

Message &Message::add(std::string_view key, std::int64_t value) {
  return add(key, std::string_view(std::to_string(value)));
}

bool Message::has(std::string_view key) const {
  return std::any_of(m_fields.begin(), m_fields.end(),
                     [&](const auto &field) { return field.first == key; });
}

std::string_view Message::text(std::string_view key) const {
  for (const auto &[name, value] : m_fields)
    if (name == key) return value;
  return {};
}

std::optional<std::int64_t> Message::number(std::string_view key) const {
  const std::string_view digits = text(key);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return {};
  return value;
}

std::int64_t Message::number(std::string_view key, std::int64_t otherwise) const {
  return number(key).value_or(otherwise);
}

std::string Message::label() const {
  constexpr std::size_t lettersMax = 24;
  std::string out(has("term") ? raftName(m_verb) : std::string_view(m_verb));
  const auto append = [&](std::string_view key) {
    const std::string_view value = text(key);
    if (value.empty()) return false;
    out += ' ';
    appendEncoded(out, value.substr(0, lettersMax));
    return true;
  };
  const bool index = append("index");
  if (!append("key") && !index && !append("term") && !append("epoch") && !append("role"))
    append("node");
  if (out.size() > lettersMax) out = out.substr(0, lettersMax - 3) + "...";
  return out;
}

std::string encode(const Message &message) {
  std::string out(magic);
  out += message.verb();
  for (const auto &[key, value] : message.fields()) {
    out += ' ';
    out += key;
    out += '=';
    appendEncoded(out, value);
  }
  out += '\n';
  return out;
}

Result<Message> decode(std::string_view line) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (line.size() > lineBytesMax) return lineFault(lineBytesMax, "is longer than a line may be");
  return LineReader(line).message();
}

bool startsMessage(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

bool startsHeartbeat(std::span<const std::uint8_t> bytes) {
  const auto verbIs = [&](std::string_view verb) {
    const auto rest = bytes.subspan(std::min(magic.size(), bytes.size()));
    return rest.size() > verb.size() && std::equal(verb.begin(), verb.end(), rest.begin()) &&
           (rest[verb.size()] == ' ' || rest[verb.size()] == '\n');
  };
  return startsMessage(bytes) && (verbIs("beat") || verbIs("heartbeat"));
}

Status Reader::feed(const Payload &data) {
  m_open += data.toText();
  std::size_t from = 0;
  for (std::size_t end = 0; (end = m_open.find('\n', from)) != std::string::npos; from = end + 1) {
    auto message = decode(std::string_view(m_open).substr(from, end - from));
    if (!message) return message.faults();
    m_ready.push_back(std::move(message).value());
  }
  m_open.erase(0, from);
  if (m_open.size() > lineBytesMax) return lineFault(lineBytesMax, "is longer than a line may be");
  return Done{};
}

std::optional<Message> Reader::take() {
  if (m_taken == m_ready.size()) return std::nullopt;
  Message out = std::move(m_ready[m_taken++]);
  if (m_taken == m_ready.size()) {
    m_ready.clear();
    m_taken = 0;
  }
  return out;
}

} // namespace packetarium::wire::cluster

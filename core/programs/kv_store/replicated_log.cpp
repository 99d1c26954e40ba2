// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_store/replicated_log.h"

#include <charconv>
#include <set>
#include <utility>

namespace packetarium::programs::kv {
namespace {

using wire::cluster::Message;

std::optional<std::int64_t> wholeNumber(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return n;
}

std::set<std::string, std::less<>> elementsOf(std::string_view text) {
  std::set<std::string, std::less<>> elements;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    elements.emplace(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return elements;
}

std::string joinElements(const std::set<std::string, std::less<>> &elements) {
  std::string text;
  for (const std::string &e : elements) text += (text.empty() ? "" : ",") + e;
  return text;
}

/// "client-1 17" is number 17 of client-1.
std::pair<std::string_view, std::string_view> whoAndNumber(std::string_view once) {
  const std::size_t space = once.rfind(' ');
  if (space == std::string_view::npos) return {once, {}};
  return {once.substr(0, space), once.substr(space + 1)};
}

} // namespace

std::string Change::text() const {
  return verb + " " + (key.empty() ? "-" : key) + " " + (value.empty() ? "-" : value);
}

void addEntry(Message &message, const Entry &entry) {
  message.add("of", static_cast<std::int64_t>(entry.epoch))
      .add("at", entry.stamp.ns())
      .add("do", entry.change.verb)
      .add("key", entry.change.key)
      .add("value", entry.change.value);
  if (!entry.change.once.empty()) message.add("once", entry.change.once);
}

std::optional<Entry> entryOf(const Message &message) {
  const auto epoch = message.number("of");
  if (!epoch || *epoch < 1 || !message.has("do")) return {};
  Entry e;
  e.epoch = static_cast<std::uint64_t>(*epoch);
  e.stamp = SimTime::fromNs(message.number("at", 0));
  e.change = {std::string(message.text("do")), std::string(message.text("key")),
              std::string(message.text("value")), std::string(message.text("once"))};
  return e;
}

std::string encodeEntry(const Entry &entry) {
  Message message("entry");
  addEntry(message, entry);
  return wire::cluster::encode(message);
}

std::optional<Entry> decodeEntry(std::string_view line) {
  const auto message = wire::cluster::decode(line);
  return message ? entryOf(*message) : std::nullopt;
}

std::uint64_t ReplicatedLog::epochAt(std::uint64_t index) const {
  return index >= 1 && index <= last() ? at(index).epoch : 0;
}

std::uint64_t ReplicatedLog::before(std::uint64_t index) const {
  if (index > last()) return last();
  const std::uint64_t epoch = epochAt(index);
  while (index > 0 && epochAt(index) == epoch) --index;
  return index;
}

void ReplicatedLog::remember(const Change &change, std::uint64_t index) {
  if (change.once.empty()) return;
  const auto [who, number] = whoAndNumber(change.once);
  m_done[std::string(who)] = {std::string(number), index};
}

void ReplicatedLog::append(Entry entry) {
  remember(entry.change, last() + 1);
  m_entries.push(std::move(entry));
}

void ReplicatedLog::truncate(std::uint64_t count) {
  if (count >= last()) return;
  m_entries.truncate(count);
  m_done.clear();
  for (std::uint64_t i = 1; i <= count; ++i) remember(at(i).change, i);
}

std::uint64_t ReplicatedLog::placeOf(const Change &change) const {
  if (change.once.empty()) return 0;
  const auto [who, number] = whoAndNumber(change.once);
  const auto found = m_done.find(who);
  return found != m_done.end() && found->second.first == number ? found->second.second : 0;
}

std::optional<std::string> Table::get(std::string_view key) const {
  const auto found = m_values.find(key);
  if (found == m_values.end()) return {};
  return found->second;
}

bool Table::accepts(const Change &change) const {
  if (change.verb != "add" || !wholeNumber(change.value)) return true;
  const auto old = get(change.key);
  return !old || old->empty() || wholeNumber(*old).has_value();
}

void Table::apply(const Change &change) {
  if (change.verb == "begin") return;
  if (change.verb == "write") {
    m_values[change.key] = change.value;
    return;
  }
  const std::string old = get(change.key).value_or("");
  if (change.verb == "remove" && change.value.empty()) {
    m_values.erase(change.key);
    return;
  }
  const auto step = wholeNumber(change.value);
  const auto was = old.empty() ? std::optional<std::int64_t>{0} : wholeNumber(old);
  if (change.verb == "add" && step && was) {
    // Wraps as two's complement does, so that no sum is undefined.
    m_values[change.key] = std::to_string(static_cast<std::int64_t>(
        static_cast<std::uint64_t>(*was) + static_cast<std::uint64_t>(*step)));
    return;
  }
  auto elements = elementsOf(old);
  if (change.verb == "add")
    elements.insert(change.value);
  else
    elements.erase(change.value);
  m_values[change.key] = joinElements(elements);
}

} // namespace packetarium::programs::kv

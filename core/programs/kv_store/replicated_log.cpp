// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_store/replicated_log.h"

#include "core/programs/kv_protocol.h"

#include <utility>

namespace packetarium::programs::kv {

using wire::cluster::Message;

std::string Change::text() const {
  const auto word = [](const std::string &t) { return " " + (t.empty() ? "-" : t); };
  return verb + word(key) + (verb == "cas" ? word(from.value_or("")) : "") + word(value);
}

std::optional<Change> changeOf(const Message &request) {
  const bool isCas = request.is(cas);
  const bool known =
      request.is(set) || request.is(add) || request.is(remove) || request.is(append) || isCas;
  if (!known) return {};
  Change change{request.is(set) ? "write" : request.verb(), std::string(request.text("key")),
                std::string(request.text(isCas ? "to" : "value")),
                std::string(request.text("once"))};
  if (isCas && request.has("from")) change.from = request.text("from");
  return change;
}

std::pair<std::string_view, std::string_view> whoAndNumber(std::string_view once) {
  const std::size_t space = once.rfind(' ');
  if (space == std::string_view::npos) return {once, {}};
  return {once.substr(0, space), once.substr(space + 1)};
}

void addEntry(Message &message, const Entry &entry) {
  message.add("of", static_cast<std::int64_t>(entry.epoch))
      .add("at", entry.stamp.ns())
      .add("do", entry.change.verb)
      .add("key", entry.change.key)
      .add("value", entry.change.value);
  if (!entry.change.once.empty()) message.add("once", entry.change.once);
  // "from" is who speaks, in messages between members.
  if (entry.change.from) message.add("old", *entry.change.from);
}

std::optional<Entry> entryOf(const Message &message) {
  const auto epoch = message.number("of");
  if (!epoch || *epoch < 1 || !message.has("do")) return {};
  Entry e;
  e.epoch = static_cast<std::uint64_t>(*epoch);
  e.stamp = SimTime::fromNs(message.number("at", 0));
  e.change = {std::string(message.text("do")), std::string(message.text("key")),
              std::string(message.text("value")), std::string(message.text("once"))};
  if (message.has("old")) e.change.from = message.text("old");
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

} // namespace packetarium::programs::kv

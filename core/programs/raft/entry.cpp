// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/entry.h"

#include <algorithm>
#include <utility>

namespace packetarium::programs::raft {
namespace {

using wire::cluster::Message;

std::string_view orDash(std::string_view text) {
  return text.empty() ? std::string_view("-") : text;
}

} // namespace

std::size_t fieldBytes(std::string_view key, std::string_view value) {
  std::size_t bytes = key.size() + 2;
  for (const char c : value) bytes += encodedBytes(c);
  return bytes;
}

std::string Command::text() const {
  std::string out = verb;
  out += ' ';
  out += orDash(key);
  if (verb == "cas") {
    out += ' ';
    out += orDash(from.value_or(std::string{}));
  }
  out += ' ';
  out += orDash(value);
  return out;
}

EntryRef makeEntry(Term term, Command command) {
  Entry e{term, std::move(command), 0};
  const Command &c = e.command;
  e.bytes = fieldBytes("of", std::to_string(term)) + fieldBytes("do", c.verb) +
            fieldBytes("key", c.key) + fieldBytes("value", c.value) +
            (c.from ? fieldBytes("was", *c.from) : 0) + fieldBytes("once", c.once);
  return std::make_shared<const Entry>(std::move(e));
}

void addEntry(Message &message, const Entry &entry) {
  const Command &c = entry.command;
  message.add("of", static_cast<std::int64_t>(entry.term)).add("do", c.verb);
  if (!c.key.empty()) message.add("key", c.key);
  if (!c.value.empty()) message.add("value", c.value);
  if (c.from) message.add("was", *c.from);
  if (!c.once.empty()) message.add("once", c.once);
}

std::vector<EntryRef> entriesOf(const Message &message) {
  std::vector<EntryRef> out;
  Term term = 0;
  Command command;
  const auto finish = [&] {
    if (term > 0 && !command.verb.empty()) out.push_back(makeEntry(term, std::move(command)));
    command = {};
  };
  for (const auto &[key, value] : message.fields()) {
    if (key == "of") {
      finish();
      term = 0;
      for (const char c : value)
        if (c >= '0' && c <= '9') term = term * 10 + static_cast<Term>(c - '0');
    } else if (term == 0) {
      continue;
    } else if (key == "do") {
      command.verb = value;
    } else if (key == "key") {
      command.key = value;
    } else if (key == "value") {
      command.value = value;
    } else if (key == "was") {
      command.from = value;
    } else if (key == "once") {
      command.once = value;
    }
  }
  finish();
  return out;
}

std::string encodeEntry(const Entry &entry) {
  Message message("entry");
  addEntry(message, entry);
  return wire::cluster::encode(message);
}

EntryRef decodeEntry(std::string_view line) {
  const auto message = wire::cluster::decode(line);
  if (!message) return nullptr;
  const std::vector<EntryRef> entries = entriesOf(*message);
  return entries.size() == 1 ? entries.front() : nullptr;
}

Term Log::termAt(Index index) const {
  if (index == m_base) return m_baseTerm;
  return holds(index) ? at(index)->term : 0;
}

Index Log::firstOfTerm(Index index) const {
  const Term term = termAt(index);
  while (index > m_base + 1 && termAt(index - 1) == term) --index;
  return index;
}

Index Log::lastUpTo(Term term) const {
  Index index = last();
  while (index > m_base && termAt(index) > term) --index;
  return index;
}

void Log::compact(Index upTo) {
  if (upTo <= m_base || upTo > last()) return;
  const Term term = termAt(upTo);
  SharedLog<EntryRef> rest;
  for (Index i = upTo + 1; i <= last(); ++i) rest.push(at(i));
  m_base = upTo;
  m_baseTerm = term;
  m_entries = std::move(rest);
}

void Log::reset(Index base, Term term) {
  m_base = base;
  m_baseTerm = term;
  m_entries = {};
}

} // namespace packetarium::programs::raft

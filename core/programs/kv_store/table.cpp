// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_protocol.h"
#include "core/programs/kv_store/replicated_log.h"

#include <charconv>
#include <set>

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

/// add and remove, of counters and sets.
std::string counted(const Change &change, const std::string &old) {
  const auto step = wholeNumber(change.value);
  const auto was = old.empty() ? std::optional<std::int64_t>{0} : wholeNumber(old);
  // Wraps as two's complement does, so that no sum is undefined.
  if (change.verb == "add" && step && was)
    return std::to_string(static_cast<std::int64_t>(static_cast<std::uint64_t>(*was) +
                                                    static_cast<std::uint64_t>(*step)));
  auto elements = elementsOf(old);
  if (change.verb == "add")
    elements.insert(change.value);
  else
    elements.erase(change.value);
  return joinElements(elements);
}

/// A client asks for one thing after another: what is not newer than its newest came late.
bool isLate(std::string_view number, std::string_view newest) {
  const auto n = wholeNumber(number), last = wholeNumber(newest);
  return n && last ? *n <= *last : number == newest;
}

} // namespace

Made made(const Change &change, const std::optional<std::string> &old) {
  if (change.verb == "write") return {{}, change.value};
  if (change.verb == "cas") {
    if (old != change.from) return {{false, old}, old};
    return {{}, change.value};
  }
  if (change.verb == "append") return {{}, old.value_or("") + change.value};
  if (change.verb == "remove" && change.value.empty()) return {};
  return {{}, counted(change, old.value_or(""))};
}

std::string refusalOf(const Change &change, const std::optional<std::string> &old) {
  if (change.verb == "append" && old.value_or("").size() + change.value.size() > valueBytesMax)
    return "the value has grown too long";
  if (change.verb != "add" || !wholeNumber(change.value)) return {};
  const bool fits = !old || old->empty() || wholeNumber(*old).has_value();
  return fits ? "" : "a number is added to a number alone";
}

std::optional<std::string> Table::get(std::string_view key) const {
  const auto found = m_values.find(key);
  if (found == m_values.end()) return {};
  return found->second;
}

std::optional<Applied> Table::outcomeOf(const Change &change) const {
  const auto [who, number] = whoAndNumber(change.once);
  const auto found = m_done.find(who);
  if (change.once.empty() || found == m_done.end() || found->second.number != number) return {};
  return found->second.applied;
}

Applied Table::apply(const Change &change) {
  if (change.once.empty()) return make(change);
  const auto [who, number] = whoAndNumber(change.once);
  const auto found = m_done.find(who);
  if (found != m_done.end() && isLate(number, found->second.number)) return found->second.applied;
  Applied applied = make(change);
  m_done[std::string(who)] = {std::string(number), applied};
  return applied;
}

Applied Table::make(const Change &change) {
  if (change.verb == "begin") return {};
  Made result = made(change, get(change.key));
  if (!result.applied.done) return result.applied;
  if (result.value)
    m_values[change.key] = std::move(*result.value);
  else
    m_values.erase(change.key);
  return result.applied;
}

std::vector<std::string> Table::encode() const {
  std::vector<std::string> lines;
  for (const auto &[key, held] : m_values)
    lines.push_back(wire::cluster::encode(Message("holds").add("key", key).add("value", held)));
  for (const auto &[who, done] : m_done) {
    Message m("done");
    m.add("who", who).add("number", done.number);
    if (!done.applied.done) m.add("failed", 1);
    if (done.applied.found) m.add("found", *done.applied.found);
    lines.push_back(wire::cluster::encode(m));
  }
  return lines;
}

std::optional<Table> Table::decode(const std::vector<std::string> &lines) {
  Table table;
  for (const std::string &line : lines) {
    const auto m = wire::cluster::decode(line);
    if (!m) return {};
    if (m->is("holds")) {
      table.m_values[std::string(m->text("key"))] = m->text("value");
    } else if (m->is("done")) {
      Applied applied{!m->has("failed")};
      if (m->has("found")) applied.found = m->text("found");
      table.m_done[std::string(m->text("who"))] = {std::string(m->text("number")), applied};
    } else {
      return {};
    }
  }
  return table;
}

} // namespace packetarium::programs::kv

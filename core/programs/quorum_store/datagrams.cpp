// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/quorum_store/datagrams.h"

#include <algorithm>

namespace packetarium::programs::quorum {

using wire::cluster::Message;

namespace {

constexpr std::size_t openMax = 64;
constexpr std::int64_t partsMax = 200;
/// A % of the message's own encoding takes three bytes in the part's.
constexpr std::size_t partBytesMax = (datagramBytesMax - 100) / 3;

} // namespace

std::vector<wire::Payload> datagramsOf(const Message &message, std::uint64_t id) {
  const std::string line = wire::cluster::encode(message);
  if (line.size() <= datagramBytesMax) return {wire::Payload::of(line)};
  std::vector<wire::Payload> all;
  const std::size_t count = (line.size() + partBytesMax - 1) / partBytesMax;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(wire::cluster::payloadOf(
        Message("part")
            .add("id", static_cast<std::int64_t>(id))
            .add("at", static_cast<std::int64_t>(i))
            .add("of", static_cast<std::int64_t>(count))
            .add("data", std::string_view(line).substr(i * partBytesMax, partBytesMax))));
  return all;
}

std::optional<Message> Assembly::take(const std::string &from, const Message &message) {
  if (!message.is("part")) return message;
  const std::int64_t id = message.number("id", -1), at = message.number("at", -1),
                     of = message.number("of", 0);
  if (id < 0 || at < 0 || at >= of || of > partsMax) return std::nullopt;
  const Name name{from, id};
  const auto [open, fresh] = m_open.try_emplace(name);
  if (fresh) {
    m_order.push_back(name);
    open->second.of = of;
    while (m_order.size() > openMax) {
      m_open.erase(m_order.front());
      m_order.pop_front();
    }
  }
  if (open->second.of != of) return std::nullopt;
  open->second.parts.emplace(at, message.text("data"));
  if (static_cast<std::int64_t>(open->second.parts.size()) < of) return std::nullopt;
  std::string line;
  for (const auto &[place, data] : open->second.parts) line += data;
  m_open.erase(open);
  m_order.erase(std::find(m_order.begin(), m_order.end(), name));
  const auto whole = wire::cluster::decode(line);
  return whole && !whole->is("part") ? std::optional(*whole) : std::nullopt;
}

} // namespace packetarium::programs::quorum

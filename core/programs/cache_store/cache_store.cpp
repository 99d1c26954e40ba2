// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/cache_store/cache_store.h"

#include "core/programs/declare.h"
#include "core/programs/kv_protocol.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

namespace packetarium::programs::cache {

using transport::SocketEvent;

CacheStore::CacheStore(const ParameterValues &v)
    : m_service(v.text("service").empty() ? "store" : v.text("service")),
      m_port(static_cast<std::uint16_t>(v.integer("port"))),
      m_handOnEvery(v.duration("write_behind_ns")),
      m_memory(static_cast<std::size_t>(v.integer("entries_max")), v.duration("ttl_ns")),
      m_origin({v.address("origin"), static_cast<std::uint16_t>(v.integer("origin_port"))},
               v.duration("origin_timeout_ns"), OriginTimeout),
      m_desk(v.duration("service_ns"), Serve) {}

void CacheStore::start(Context &ctx) {
  m_listener = ctx.tcpListen(m_port, messageTcp());
  if (m_listener == transport::noSocket) {
    ctx.note(fmt::format("TCP port {} is taken by another program of this node.", m_port));
    return;
  }
  ctx.phase("cache.listening", fmt::format("TCP port {}, empty", m_port));
  if (m_origin.exists()) ctx.setTimer(m_handOnEvery, HandOn);
  ctx.setTimer(Duration::seconds(1), SampleTime);
}

void CacheStore::onSocket(Context &ctx, const SocketEvent &event) {
  if (m_origin.owns(event.socket))
    onReplies(ctx, m_origin.onSocket(ctx, event));
  else if (event.kind == SocketEvent::Kind::Accepted)
    m_desk.accept(event);
  else
    m_desk.onSocket(ctx, event);
}

void CacheStore::onTimer(Context &ctx, std::uint64_t tag) {
  if (tag >= OriginTimeout) {
    onReplies(ctx, m_origin.onTimeout(ctx, tag - OriginTimeout));
    return;
  }
  switch (static_cast<Timer>(tag)) {
  case Serve:
    if (const auto request = m_desk.take()) execute(ctx, *request);
    m_desk.serve(ctx);
    return;
  case Expire: expire(ctx); return;
  case HandOn:
    handOn(ctx);
    ctx.setTimer(m_handOnEvery, HandOn);
    return;
  case SampleTime:
    ctx.sample("cache.entries", static_cast<double>(m_memory.size()));
    ctx.sample("cache.unsaved", static_cast<double>(m_unsaved.size() + m_savingWhat.size()));
    ctx.setTimer(Duration::seconds(1), SampleTime);
    return;
  case OriginTimeout: return;
  }
}

void CacheStore::execute(Context &ctx, const Request &request) {
  const Message &m = request.message;
  const std::string key(m.text("key"));
  const auto held = m_memory.get(key);
  if (m.is(kv::get)) ++(held ? m_hits : m_misses);
  // A value that is set needs no older one.
  if (m.is(kv::set) || !m_origin.exists())
    finish(ctx, request, held);
  else if (const auto known = knownOf(key))
    finish(ctx, request, *known);
  else
    fetch(ctx, request);
}

/// What the key holds as far as it is known here: what it let go may not have reached the origin
/// yet.
std::optional<CacheStore::Held> CacheStore::knownOf(const std::string &key) {
  if (auto held = m_memory.get(key)) return held;
  for (const auto *known : {&m_unsaved, &m_savingWhat})
    if (const auto at = known->find(key); at != known->end()) return at->second;
  return {};
}

void CacheStore::finish(Context &ctx, const Request &request, const Held &held) {
  const Message &m = request.message;
  if (m.is(kv::get)) {
    Message value(kv::value);
    value.add("key", m.text("key"));
    if (held) value.add("value", *held);
    answer(ctx, request, value);
  } else if (const auto wanted = kv::changeOf(m)) {
    change(ctx, request, *wanted, held);
  } else {
    answer(ctx, request, Message(kv::refused).add("why", "no such request"));
  }
}

void CacheStore::change(Context &ctx, const Request &request, const kv::Change &change,
                        const Held &held) {
  if (const std::string why = kv::refusalOf(change, held); !why.empty()) {
    answer(ctx, request, Message(kv::refused).add("why", why));
    return;
  }
  const kv::Made result = kv::made(change, held);
  if (!result.applied.done) {
    Message failed(kv::failed);
    if (result.applied.found) failed.add("value", *result.applied.found);
    // It does not remember whether it did the same before.
    answer(ctx, request, failed.add("perhaps", 1));
    return;
  }
  if (result.value)
    keep(ctx, change.key, *result.value);
  else
    m_memory.erase(change.key);
  if (m_origin.exists()) m_unsaved[change.key] = result.value;
  answer(ctx, request, Message(kv::ok));
}

void CacheStore::answer(Context &ctx, const Request &request, const Message &message) {
  m_desk.answer(ctx, request, message);
}

void CacheStore::keep(Context &ctx, const std::string &key, const std::string &value) {
  if (const auto gone = m_memory.put(key, value, ctx.now()))
    tellEvicted(ctx, *gone, "it was not used for the longest time, and room was needed");
  watchExpiry(ctx);
}

void CacheStore::tellEvicted(Context &ctx, const std::string &key, std::string_view why) {
  ++m_evicted;
  ctx.fact(transport::noSocket, trace::FactTopic::Evicted, m_service, key, why);
}

void CacheStore::expire(Context &ctx) {
  for (const std::string &key : m_memory.expire(ctx.now()))
    tellEvicted(ctx, key, "its time to live has ended");
  watchExpiry(ctx);
}

void CacheStore::watchExpiry(Context &ctx) {
  ctx.cancelTimer(m_expiry);
  if (const auto next = m_memory.nextExpiry())
    m_expiry = ctx.setTimer(std::max(*next - ctx.now(), Duration{}), Expire);
}

void CacheStore::fetch(Context &ctx, const Request &request) {
  const std::string key(request.message.text("key"));
  auto &waiting = m_fetching[key];
  waiting.push_back(request);
  if (waiting.size() > 1) return;
  ctx.phase("cache.miss", key);
  m_asked[m_origin.ask(ctx, Message(kv::get).add("key", key))] = key;
}

/// Everything that was written since the last time, each key with its newest value.
void CacheStore::handOn(Context &ctx) {
  if (!m_savingWhat.empty()) return; // the last one is not through yet
  m_savingWhat.swap(m_unsaved);
  for (const auto &[key, value] : m_savingWhat) {
    Message message(value ? kv::set : kv::remove);
    message.add("key", key);
    if (value) message.add("value", *value);
    m_saving[m_origin.ask(ctx, std::move(message))] = key;
  }
}

void CacheStore::onReplies(Context &ctx, const Origin::Replies &replies) {
  for (const Origin::Reply &reply : replies) {
    if (const auto saved = m_saving.extract(reply.id); !saved.empty()) {
      onHandedOn(ctx, saved.mapped(), reply.answered);
      continue;
    }
    const auto asked = m_asked.extract(reply.id);
    if (asked.empty()) continue;
    const std::string key = asked.mapped();
    const auto waiting = m_fetching.extract(key);
    // Somebody may have set it meanwhile: that is newer than what the origin gave.
    if (reply.answered && reply.value && !knownOf(key)) keep(ctx, key, *reply.value);
    for (const Request &request : waiting.mapped()) {
      if (reply.answered)
        finish(ctx, request, knownOf(key).value_or(Held{}));
      else
        answer(ctx, request, Message(kv::refused).add("why", "the store behind does not answer"));
    }
  }
}

void CacheStore::onHandedOn(Context &ctx, const std::string &key, bool done) {
  const auto value = m_savingWhat.extract(key);
  if (done || value.empty()) return;
  ctx.phase("cache.not-saved", key);
  m_unsaved.try_emplace(key, value.mapped()); // unless it was written anew
}

std::vector<Described> CacheStore::describe(SimTime) const {
  return {row("service", m_service),
          row("entries", fmt::format("{} of {}", m_memory.size(), m_memory.most())),
          row("reads", fmt::format("{} found here, {} not", m_hits, m_misses)),
          row("let go", text(m_evicted), "because their time ended or room was needed"),
          row("origin", m_origin.exists() ? fmt::format("{} keys not handed on yet",
                                                        m_unsaved.size() + m_savingWhat.size())
                                          : "none: what is let go is gone"),
          row("clients", text(m_desk.clients()))};
}

} // namespace packetarium::programs::cache

namespace packetarium::programs {

ProgramType cacheStoreType() {
  using namespace declare;
  return {
      "cache-store",
      "Cache",
      "A store in one node's memory that may forget anything at any time",
      "cache",
      {text("service", "", "What it is called in views of services; empty: store"),
       port(kv::port, "TCP port of its clients"),
       integer("entries_max", "", 1000, 1, 1e6,
               "Holds so many; for another one the least recently used goes"),
       duration("ttl_ns", Duration{}, 0, 1000 * hour, "Each is kept so long; 0: no end"),
       address("origin", "Store behind it: read when a key is missing; 0.0.0.0: none"),
       integer("origin_port", "", kv::port, 1, 65535, "TCP port of the store behind"),
       duration("write_behind_ns", Duration::seconds(1), millisecond, hour,
                "Hands on what was written this often; a crash loses what is not handed on"),
       duration("origin_timeout_ns", Duration::seconds(1), millisecond, hour,
                "Waits so long for the store behind"),
       duration("service_ns", Duration::us(20), 0, hour, "Work on one request; one after another")},
      [](const ParameterValues &v) -> std::unique_ptr<Program> {
        return std::make_unique<cache::CacheStore>(v);
      }};
}

} // namespace packetarium::programs

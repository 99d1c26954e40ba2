// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/dns_resolver/cache.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/wire/dns.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace packetarium::programs {
namespace {

using namespace wire::dns;
using transport::Endpoint;
using transport::SocketEvent;

constexpr int aliasesMax = 8;

struct Asker {
  std::uint32_t program = 0;
  std::uint64_t tag = 0;
};

/// One name that is being asked for, on behalf of everybody who wants it.
struct Query {
  std::string asked;   ///< what the programs want
  std::string current; ///< what the question on the wire is: asked, or what it is an alias of
  int aliases = 0;
  std::uint16_t id = 0;
  transport::SocketId socket = transport::noSocket;
  TimerId timer;
  int attempts = 0;         ///< datagrams sent for current
  std::size_t refusals = 0; ///< attempts that ended in an error instead of silence
  bool sent = false;
  SimTime began;
  std::vector<Endpoint> servers; ///< asked so far
  Endpoint answeredBy;           ///< the latest one
  std::vector<Asker> askers;
};

/// Stub resolver of RFC 1034 section 5.3.1 with a cache.
class DnsResolver final : public ProgramOf<DnsResolver> {
public:
  explicit DnsResolver(const ParameterValues &v)
      : m_timeout(v.duration("timeout_ns")),
        m_attemptsMax(static_cast<int>(v.integer("attempts"))),
        m_ttlMax(v.integer("ttl_max_s")),
        m_negativeTtlMax(v.integer("negative_ttl_max_s")),
        m_cache(v.boolean("cache") ? static_cast<std::size_t>(v.integer("cache_entries")) : 0) {
    for (const ParameterRow &r : v.rows("servers")) {
      const auto address = wire::Ipv4Address::parse(std::get<std::string>(r.values.at("address")));
      const auto port = static_cast<std::uint16_t>(std::get<std::int64_t>(r.values.at("port")));
      m_servers.push_back({address.value_or(wire::Ipv4Address{}), port});
    }
  }

  void start(Context &) override {}
  bool isResolver() const override { return true; }

  void onResolve(Context &ctx, std::uint32_t program, std::uint64_t tag,
                 std::string_view name) override {
    const Asker asker{program, tag};
    if (const auto numeric = wire::Ipv4Address::parse(name)) {
      ctx.completeResolve(program, tag, {Resolution::Status::Ok, {*numeric}, false});
      return;
    }
    const std::string wanted = canonicalName(name);
    if (wanted.empty() || !validName(wanted)) {
      ctx.completeResolve(program, tag, {Resolution::Status::NoSuchName, {}, false});
      return;
    }
    std::string last = wanted;
    int aliases = 0;
    if (auto known = fromCache(last, aliases, ctx.now())) {
      ++m_hits;
      ctx.phase("dns.cache-hit", wanted);
      ctx.completeResolve(program, tag, std::move(*known));
      return;
    }
    ask(ctx, wanted, std::move(last), aliases, asker);
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    const auto at = std::find_if(m_queries.begin(), m_queries.end(), [&event](const auto &q) {
      return q.second.socket == event.socket;
    });
    if (at == m_queries.end()) return;
    if (event.kind == SocketEvent::Kind::Error) refused(ctx, at->first);
    if (event.kind == SocketEvent::Kind::Datagram) onDatagram(ctx, at->first, event);
  }

  void onTimer(Context &ctx, std::uint64_t number) override {
    if (m_queries.find(number) != m_queries.end()) attempt(ctx, number);
  }

  std::vector<Described> describe(SimTime now) const override {
    Described servers = row("name servers", text(m_servers.size()));
    for (const Endpoint &s : m_servers) servers.children.push_back(row("server", s.text()));
    return {std::move(servers),
            describeCache(now),
            describeQueries(now),
            row("answered from the cache", text(m_hits)),
            row("queries sent", text(m_sent), "datagrams, repeats included"),
            row("answers not believed", text(m_ignored),
                "wrong id, port, server or question (RFC 5452)")};
  }

private:
  /// Follows aliases through the cache; name becomes the last one reached.
  std::optional<Resolution> fromCache(std::string &name, int &aliases, SimTime now) const {
    for (; aliases <= aliasesMax; ++aliases) {
      const CacheEntry *entry = m_cache.find(name, now);
      if (entry == nullptr) return std::nullopt;
      switch (entry->kind) {
      case CacheEntry::Kind::Addresses:
        return Resolution{Resolution::Status::Ok, entry->addresses, true,
                          entry->learned,         entry->expires,   {}};
      case CacheEntry::Kind::NoName:
        return Resolution{
            Resolution::Status::NoSuchName, {}, true, entry->learned, entry->expires, {}};
      case CacheEntry::Kind::NoData:
        return Resolution{Resolution::Status::Ok, {}, true, entry->learned, entry->expires, {}};
      case CacheEntry::Kind::Alias: name = entry->target; break;
      }
    }
    return Resolution{Resolution::Status::NoAnswer, {}, true}; // aliases in a circle
  }

  void ask(Context &ctx, const std::string &wanted, std::string current, int aliases, Asker asker) {
    for (auto &[number, q] : m_queries) {
      if (q.asked != wanted) continue;
      q.askers.push_back(asker); // the same question is under way
      return;
    }
    const std::uint64_t number = m_next++;
    Query &q = m_queries[number];
    q.asked = wanted;
    q.current = std::move(current);
    q.aliases = aliases;
    q.began = ctx.now();
    q.askers.push_back(asker);
    open(ctx, q);
    attempt(ctx, number);
  }

  /// Id and port are drawn at random, so that nobody off the path can guess them (RFC 5452 9.2).
  static void open(Context &ctx, Query &q) {
    constexpr std::uint16_t ephemeralFirst = 49152; // RFC 6335 section 6
    constexpr std::uint64_t ephemeralCount = 65536 - ephemeralFirst;
    q.id = static_cast<std::uint16_t>(ctx.random("id").below(65536));
    for (int i = 0; i < 8 && q.socket == transport::noSocket; ++i)
      q.socket = ctx.udpOpen(
          static_cast<std::uint16_t>(ephemeralFirst + ctx.random("port").below(ephemeralCount)));
    if (q.socket == transport::noSocket) q.socket = ctx.udpOpen(0);
  }

  /// The next datagram of a query: to the next server, with twice the patience.
  void attempt(Context &ctx, std::uint64_t number) {
    Query &q = m_queries.at(number);
    while (q.attempts < m_attemptsMax && q.refusals < m_servers.size()) {
      const Endpoint server = m_servers[static_cast<std::size_t>(q.attempts) % m_servers.size()];
      const Duration patience = m_timeout * (std::int64_t{1} << q.attempts);
      ++q.attempts;
      const auto bytes = encode(Message::query(q.id, q.current));
      ctx.phase("dns.query-sent", q.current);
      if (!bytes || !ctx.udpSend(q.socket, server, wire::Payload::of(*bytes))) {
        ++q.refusals;
        continue;
      }
      ++m_sent;
      q.sent = true;
      if (std::find(q.servers.begin(), q.servers.end(), server) == q.servers.end())
        q.servers.push_back(server);
      q.timer = ctx.setTimer(patience, number);
      return;
    }
    const auto status = q.sent ? Resolution::Status::NoAnswer : Resolution::Status::NoServer;
    ctx.phase("dns.no-answer", q.asked);
    finish(ctx, number, {status, {}, false});
  }

  /// The server asked last will not help: no need to wait for the timeout.
  void refused(Context &ctx, std::uint64_t number) {
    Query &q = m_queries.at(number);
    ctx.cancelTimer(q.timer);
    ++q.refusals;
    attempt(ctx, number);
  }

  bool believable(const Query &q, const SocketEvent &event, const Message &m) const {
    return m.response && m.id == q.id && m.opcode == 0 && m.questions.size() == 1 &&
           sameName(m.questions.front().name, q.current) &&
           m.questions.front().type == RecordType::A &&
           m.questions.front().recordClass == classInternet &&
           std::find(q.servers.begin(), q.servers.end(), event.remote) != q.servers.end();
  }

  void onDatagram(Context &ctx, std::uint64_t number, const SocketEvent &event) {
    Query &q = m_queries.at(number);
    const auto message = decode(event.data);
    if (!message || !believable(q, event, *message)) {
      ++m_ignored;
      return;
    }
    q.answeredBy = event.remote;
    ctx.phase("dns.answer-received", q.current);
    if (message->code == ResponseCode::NoError)
      takeAnswer(ctx, number, *message);
    else if (message->code == ResponseCode::NameError)
      takeNoName(ctx, number, *message);
    else
      refused(ctx, number);
  }

  void takeAnswer(Context &ctx, std::uint64_t number, const Message &m) {
    Query &q = m_queries.at(number);
    const int aliasesBefore = q.aliases;
    for (; q.aliases <= aliasesMax; ++q.aliases) {
      if (auto addresses = takeAddresses(m, q.current, ctx.now()); !addresses.empty()) {
        finish(ctx, number, {Resolution::Status::Ok, std::move(addresses), false});
        return;
      }
      const Record *alias = findRecord(m, q.current, RecordType::Cname);
      if (alias == nullptr) break;
      CacheEntry entry;
      entry.kind = CacheEntry::Kind::Alias;
      entry.target = canonicalName(std::get<NameData>(alias->data).name);
      entry.expires = expiry(ctx.now(), alias->ttl, m_ttlMax);
      const std::string target = entry.target;
      m_cache.put(q.current, std::move(entry), ctx.now());
      q.current = target;
    }
    const bool followed = q.aliases != aliasesBefore;
    if (q.aliases > aliasesMax)
      finish(ctx, number, {Resolution::Status::NoAnswer, {}, false});
    else if (followed && !negativeTtl(m))
      askAgain(ctx, number);
    else if (isReferral(m) || m.truncated)
      refused(ctx, number);
    else {
      keepAbsence(m, q.current, CacheEntry::Kind::NoData, ctx.now());
      finish(ctx, number, {Resolution::Status::Ok, {}, false});
    }
  }

  /// The answer led to an alias whose address it did not tell (RFC 1034 section 5.3.3, step 4c).
  void askAgain(Context &ctx, std::uint64_t number) {
    Query &q = m_queries.at(number);
    ctx.cancelTimer(q.timer);
    q.attempts = 0;
    q.refusals = 0;
    q.id = static_cast<std::uint16_t>(ctx.random("id").below(65536));
    attempt(ctx, number);
  }

  void takeNoName(Context &ctx, std::uint64_t number, const Message &m) {
    Query &q = m_queries.at(number);
    // With an alias in the answer it is the alias's target that does not exist (RFC 2308 2.1).
    for (int i = 0; i < aliasesMax; ++i) {
      const Record *alias = findRecord(m, q.current, RecordType::Cname);
      if (alias == nullptr) break;
      q.current = canonicalName(std::get<NameData>(alias->data).name);
    }
    keepAbsence(m, q.current, CacheEntry::Kind::NoName, ctx.now());
    if (q.current != q.asked) keepAbsence(m, q.asked, CacheEntry::Kind::NoName, ctx.now());
    finish(ctx, number, {Resolution::Status::NoSuchName, {}, false});
  }

  std::vector<wire::Ipv4Address> takeAddresses(const Message &m, const std::string &name,
                                               SimTime now) {
    CacheEntry entry;
    std::uint32_t ttl = 0xffffffffU;
    for (const Record &r : m.answers) {
      const auto *address = std::get_if<wire::Ipv4Address>(&r.data);
      if (r.type != RecordType::A || address == nullptr || !sameName(r.name, name)) continue;
      entry.addresses.push_back(*address);
      ttl = std::min(ttl, r.ttl);
    }
    if (entry.addresses.empty()) return {};
    auto addresses = entry.addresses;
    entry.learned = now;
    entry.expires = expiry(now, ttl, m_ttlMax);
    m_cache.put(name, std::move(entry), now);
    return addresses;
  }

  void keepAbsence(const Message &m, const std::string &name, CacheEntry::Kind kind, SimTime now) {
    const auto ttl = negativeTtl(m);
    if (!ttl) return; // RFC 2308 section 5: without an SOA it must not be cached
    CacheEntry entry;
    entry.kind = kind;
    entry.learned = now;
    entry.expires = expiry(now, *ttl, m_negativeTtlMax);
    m_cache.put(name, std::move(entry), now);
  }

  static SimTime expiry(SimTime now, std::uint32_t ttl, std::int64_t most) {
    if ((ttl & 0x80000000U) != 0) return now; // RFC 2181 section 8: taken as zero
    return now + Duration::seconds(std::min<std::int64_t>(ttl, most));
  }

  static const Record *findRecord(const Message &m, const std::string &name, RecordType type) {
    const auto at =
        std::find_if(m.answers.begin(), m.answers.end(), [&name, type](const Record &r) {
          return r.type == type && sameName(r.name, name) &&
                 std::holds_alternative<NameData>(r.data);
        });
    return at == m.answers.end() ? nullptr : &*at;
  }

  static bool isReferral(const Message &m) {
    return !m.authoritative && m.answers.empty() && !negativeTtl(m) &&
           std::any_of(m.authority.begin(), m.authority.end(),
                       [](const Record &r) { return r.type == RecordType::Ns; });
  }

  void finish(Context &ctx, std::uint64_t number, Resolution answer) {
    auto node = m_queries.extract(number);
    const Query &q = node.mapped();
    answer.server = q.answeredBy;
    ctx.cancelTimer(q.timer);
    ctx.close(q.socket);
    ctx.sample("dns.latency_ms", (ctx.now() - q.began).toMs());
    for (const Asker &a : q.askers) ctx.completeResolve(a.program, a.tag, answer);
  }

  static std::string content(const CacheEntry &entry) {
    switch (entry.kind) {
    case CacheEntry::Kind::Alias: return "alias of " + entry.target;
    case CacheEntry::Kind::NoName: return "does not exist";
    case CacheEntry::Kind::NoData: return "has no IPv4 address";
    case CacheEntry::Kind::Addresses: break;
    }
    std::string all;
    for (const auto a : entry.addresses) all += (all.empty() ? "" : ", ") + a.text();
    return all;
  }

  Described describeCache(SimTime now) const {
    Described cache = row("cache", "", "kept until the TTL runs out (RFC 1034 5.3, RFC 2308)");
    for (const auto &[name, entry] : m_cache.entries()) {
      if (entry.expires <= now) continue;
      cache.children.push_back(row(name, fmt::format("{}, {:.0f} s left", content(entry),
                                                     (entry.expires - now).toSeconds())));
    }
    cache.value = fmt::format("{} names", cache.children.size());
    return cache;
  }

  Described describeQueries(SimTime now) const {
    Described list = row("waiting for an answer", text(m_queries.size()));
    for (const auto &[number, q] : m_queries)
      list.children.push_back(
          row(q.current, fmt::format("try {} of {}, {:.0f} ms so far", q.attempts, m_attemptsMax,
                                     (now - q.began).toMs())));
    return list;
  }

  std::vector<Endpoint> m_servers;
  Duration m_timeout;
  int m_attemptsMax = 0;
  std::int64_t m_ttlMax = 0, m_negativeTtlMax = 0;
  DnsCache m_cache;
  std::map<std::uint64_t, Query> m_queries;
  std::uint64_t m_next = 1, m_hits = 0, m_sent = 0, m_ignored = 0;
};

} // namespace

ProgramType dnsResolverType() {
  using namespace declare;
  constexpr double week = 604800;
  return {
      "dns-resolver",
      "DNS resolver",
      "Looks names up for the other programs of its node and remembers the answers",
      "search",
      {required(records("servers",
                        {required(address("address", "Address of a name server")),
                         port(53, "UDP port of that name server")},
                        "Name servers, in the order they are tried")),
       duration("timeout_ns", Duration::seconds(1), millisecond, 60 * second,
                "Waits so long for the first answer, then twice as long each time"),
       integer("attempts", "", 4, 1, 16, "Queries it sends for one question before it gives up"),
       boolean("cache", true, "Remembers answers until their TTL runs out"),
       integer("ttl_max_s", "s", 86400, 0, week, "Keeps no answer longer than this"),
       integer("negative_ttl_max_s", "s", 10800, 0, week,
               "Remembers no absence longer than this (RFC 2308 section 5)"),
       integer("cache_entries", "", 1000, 1, 100000, "Names the cache has room for")},
      [](const ParameterValues &v) -> std::unique_ptr<Program> {
        return std::make_unique<DnsResolver>(v);
      }};
}

} // namespace packetarium::programs

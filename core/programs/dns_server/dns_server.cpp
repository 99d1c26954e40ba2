// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/dns_server/update_desk.h"
#include "core/programs/dns_server/zone.h"
#include "core/programs/health_watch.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/types.h"
#include "core/wire/dns.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

namespace packetarium::programs {
namespace {

using namespace wire::dns;
using transport::SocketEvent;

/// Authoritative name server for one zone, which some may change (RFC 2136).
class DnsServer final : public ProgramOf<DnsServer> {
public:
  explicit DnsServer(const ParameterValues &v)
      : m_zone(std::make_shared<const Zone>(v)),
        m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_processing(v.duration("processing_ns")),
        m_rotate(v.boolean("rotate")),
        m_service(v.text("service")),
        m_updates(v) {
    watch(v);
  }

  void start(Context &ctx) override {
    m_socket = ctx.udpOpen(m_port);
    if (m_socket == transport::noSocket) {
      ctx.note(fmt::format("UDP port {} is taken by another program of this node.", m_port));
      return;
    }
    m_zone = m_updates.restore(ctx, m_zone);
    ctx.phase("dns.listening", fmt::format("UDP port {}", m_port));
    m_watch.start(ctx);
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (m_watch.owns(event.socket)) tell(ctx, m_watch.onSocket(ctx, event));
    if (event.kind != SocketEvent::Kind::Datagram || event.socket != m_socket) return;
    const auto query = decode(event.data);
    if (!query) {
      rejectMalformed(ctx, event);
      return;
    }
    if (query->response) return; // RFC 1035 section 4.1.1: a server answers queries alone
    if (query->opcode == opcodeUpdate) {
      ctx.phase("dns.update-received", query->questions.empty() ? "" : query->questions[0].name);
      m_updates.take(event.remote, *query);
      answerUpdates(ctx);
      return;
    }
    Pending p;
    p.to = event.remote;
    p.reply = m_zone->answer(*query);
    arrange(p.reply.answers);
    if (!query->questions.empty()) ctx.phase("dns.query-received", query->questions.front().name);
    later(ctx, std::move(p));
  }

  void onSynced(Context &ctx, std::uint64_t) override {
    m_updates.onSynced(m_zone);
    answerUpdates(ctx);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if ((tag & 1) == Check) {
      tell(ctx, m_watch.onTimer(ctx, tag >> 1));
      return;
    }
    auto node = m_pending.extract(tag >> 1);
    if (!node.empty()) send(ctx, node.mapped());
  }

  std::vector<Described> describe(SimTime) const override {
    Described records = row("records", text(m_zone->records().size()), "owner names in the zone");
    const auto &soa = m_zone->soa();
    records.children.push_back(row(m_zone->origin() + " SOA",
                                   fmt::format("{} {} {}", soa.primary, soa.mailbox, soa.serial),
                                   "start of authority (RFC 1035 3.3.13)"));
    for (const auto &[owner, list] : m_zone->records())
      for (const Record &r : list)
        records.children.push_back(row(fmt::format("{} {}", owner, name(r.type)),
                                       fmt::format("{} (TTL {} s)", r.dataText(), r.ttl)));
    std::vector<Described> rows = {
        row("zone", m_zone->origin().empty() ? "." : m_zone->origin()),
        row("port", text(m_port)),
        row("queries answered", text(m_answered)),
        row("no such name", text(m_noName), "NXDOMAIN (RFC 2308)"),
        row("refused", text(m_refused), "asked for a name outside the zone"),
        row("malformed", text(m_malformed)),
        row("in processing", text(m_pending.size())),
        std::move(records)};
    if (m_updates.allowsAnybody()) {
      rows.push_back(row("updates done", text(m_updates.done()), "RFC 2136"));
      rows.push_back(row("updates refused", text(m_updates.refused()), "with any error"));
    }
    if (m_watch.size() == 0) return rows;
    Described watched = row("addresses it checks", text(m_watch.size()));
    for (std::size_t i = 0; i < m_watch.size(); ++i)
      watched.children.push_back(row(m_watched[i].text(), m_watch.state(i)));
    rows.push_back(std::move(watched));
    return rows;
  }

private:
  enum TimerKind : std::uint64_t { Answer, Check };
  struct Pending {
    transport::Endpoint to;
    Message reply;
  };

  /// Checks every address that shares its name with others: where it is left out, they remain.
  void watch(const ParameterValues &v) {
    HealthPlan plan = healthPlan(v, "health_check");
    if (plan.kind == HealthPlan::Kind::None) return;
    const auto port = static_cast<std::uint16_t>(v.integer("check_port"));
    std::vector<transport::Endpoint> checked;
    for (const auto &[owner, list] : m_zone->records()) {
      const auto isAddress = [](const Record &r) { return r.type == RecordType::A; };
      if (std::count_if(list.begin(), list.end(), isAddress) < 2) continue;
      for (const Record &r : list) {
        const auto *address = std::get_if<wire::Ipv4Address>(&r.data);
        if (address == nullptr) continue;
        const bool known =
            std::find(m_watched.begin(), m_watched.end(), *address) != m_watched.end();
        if (known) continue;
        m_watched.push_back(*address);
        checked.push_back({*address, port});
      }
    }
    m_watch = HealthWatch(std::move(plan), std::move(checked), Check, 1);
  }

  void tell(Context &ctx, const HealthWatch::Changes &changes) const {
    for (const HealthWatch::Change &c : changes) {
      tellFailover(ctx, m_service, m_watch, c);
      if (c.what == HealthWatch::Change::What::Out)
        ctx.phase("dns.address-out", m_watched[c.server].text());
      else if (c.what == HealthWatch::Change::What::Back)
        ctx.phase("dns.address-back", m_watched[c.server].text());
    }
  }

  bool isOut(const Record &r) const {
    const auto *address = std::get_if<wire::Ipv4Address>(&r.data);
    if (r.type != RecordType::A || address == nullptr) return false;
    const auto at = std::find(m_watched.begin(), m_watched.end(), *address);
    return at != m_watched.end() && !m_watch.up(static_cast<std::size_t>(at - m_watched.begin()));
  }

  /// Several addresses of one name: those that are gone are left out (unless all are), and each
  /// answer begins with another one.
  void arrange(std::vector<Record> &answers) {
    const auto isAddress = [](const Record &r) { return r.type == RecordType::A; };
    const auto first = std::find_if(answers.begin(), answers.end(), isAddress);
    const auto count = static_cast<std::size_t>(std::count_if(first, answers.end(), isAddress));
    if (count < 2) return;
    const auto out = static_cast<std::size_t>(
        std::count_if(first, answers.end(), [this](const Record &r) { return isOut(r); }));
    const auto from = first - answers.begin();
    if (out < count) std::erase_if(answers, [this](const Record &r) { return isOut(r); });
    if (!m_rotate) return;
    const auto begin = answers.begin() + from;
    const auto end = std::find_if_not(begin, answers.end(), isAddress);
    const std::uint64_t turn = m_turns[begin->name]++ % static_cast<std::uint64_t>(end - begin);
    std::rotate(begin, begin + static_cast<std::ptrdiff_t>(turn), end);
  }

  void answerUpdates(Context &ctx) {
    while (auto answer = m_updates.next(ctx, m_zone)) {
      const ResponseCode code = answer->reply.code;
      if (code == ResponseCode::NoError)
        ctx.phase("dns.updated", answer->what);
      else
        ctx.phase("dns.update-refused", fmt::format("{}: {}", answer->what, name(code)));
      later(ctx, {answer->to, std::move(answer->reply)});
    }
  }

  void rejectMalformed(Context &ctx, const SocketEvent &event) {
    constexpr std::uint32_t headerBytes = 12;
    ++m_malformed;
    if (event.data.size() < headerBytes || (event.data.at(2) & 0x80) != 0) return;
    Pending p;
    p.to = event.remote;
    p.reply.id = static_cast<std::uint16_t>(event.data.at(0) << 8 | event.data.at(1));
    p.reply.response = true;
    p.reply.opcode = event.data.at(2) >> 3 & 15;
    p.reply.code = ResponseCode::FormatError;
    later(ctx, std::move(p));
  }

  void later(Context &ctx, Pending p) {
    if (m_processing == Duration{}) {
      send(ctx, p);
      return;
    }
    const std::uint64_t number = m_next++;
    m_pending.emplace(number, std::move(p));
    ctx.setTimer(m_processing, number << 1 | Answer);
  }

  void send(Context &ctx, const Pending &p) {
    auto bytes = encodeTruncated(p.reply);
    if (!bytes) return;
    ++m_answered;
    if (p.reply.code == ResponseCode::NameError) ++m_noName;
    if (p.reply.code == ResponseCode::Refused) ++m_refused;
    if (p.reply.opcode != opcodeUpdate) ctx.phase("dns.answered", summary(p.reply));
    ctx.udpSend(m_socket, p.to, wire::Payload::of(std::move(bytes).value()));
  }

  static std::string summary(const Message &reply) {
    const std::string asked = reply.questions.empty() ? "?" : reply.questions.front().name;
    if (reply.code != ResponseCode::NoError) return fmt::format("{}: {}", asked, name(reply.code));
    if (reply.answers.empty())
      return asked + (reply.authoritative ? ": no data" : ": ask the servers below");
    return fmt::format("{}: {}", asked, reply.answers.back().dataText());
  }

  std::shared_ptr<const Zone> m_zone;
  std::uint16_t m_port = 53;
  Duration m_processing;
  bool m_rotate = true;
  std::string m_service;
  UpdateDesk m_updates;
  std::vector<wire::Ipv4Address> m_watched; ///< in the order of the watch
  HealthWatch m_watch;
  std::map<std::string, std::uint64_t> m_turns; ///< answers given, by name
  transport::SocketId m_socket = transport::noSocket;
  std::uint64_t m_next = 1, m_answered = 0, m_noName = 0, m_refused = 0, m_malformed = 0;
  std::map<std::uint64_t, Pending> m_pending;
};

} // namespace

ProgramType dnsServerType() {
  using namespace declare;
  constexpr double ttlMax = 2147483647; // RFC 2181 section 8
  Parameter zone =
      required(text("zone", "", "Domain it is the authority for, such as example.com"));
  zone.checkText = checkZoneName;
  Parameter rows = records(
      "records",
      {required(text("name", "", "Owner: www.example.com, www (below the zone), or @ (the zone)")),
       choice("type", {"A", "CNAME", "NS", "TXT"}, "Record type"),
       required(text("value", "", "An address for A, a name for CNAME and NS, text for TXT")),
       integer("ttl_s", "s", 300, 0, ttlMax, "Time a cache may keep it")},
      "What the zone holds");
  rows.checkRow = checkZoneRow;
  return {
      "dns-server",
      "DNS server",
      "Authoritative name server of one zone: A, CNAME, NS, TXT; NXDOMAIN and SOA",
      "dns",
      joined(
          {std::move(zone), std::move(rows), port(53, "UDP port it listens on"),
           text("primary", "", "Primary name server in the SOA; empty: ns1 in the zone"),
           text("mailbox", "", "Mailbox in the SOA; empty: hostmaster in the zone"),
           integer("serial", "", 1, 0, 4294967295.0, "Serial number in the SOA"),
           integer("soa_ttl_s", "s", 3600, 0, ttlMax, "TTL of the SOA record"),
           integer("negative_ttl_s", "s", 60, 0, ttlMax,
                   "Time a cache may remember that a name does not exist (RFC 2308)"),
           duration("processing_ns", Duration::us(200), 0, 60 * second, "Time it takes to answer"),
           boolean("rotate", true, "Several addresses of a name: each answer begins with another"),
           text("service", "", "Service whose failovers it tells; empty: none"),
           records("updates_from",
                   {required(address("address", "Address that may change the zone"))},
                   "Who may change the zone (RFC 2136); none: nobody. Changes lie on its disk"),
           integer("check_port", "", 80, 1, 65535, "TCP port that its checks connect to")},
          healthParameters("health_check", false, Duration::seconds(2))),
      [](const ParameterValues &v) -> std::unique_ptr<Program> {
        return std::make_unique<DnsServer>(v);
      }};
}

} // namespace packetarium::programs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/wire/dns.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace wire::dns;
using trace::FactTopic;
using trace::RequestOutcome;
using transport::SocketEvent;

/// Gives a name another address now and then, with updates of RFC 2136, and tells each as a write.
class DnsUpdater final : public ProgramOf<DnsUpdater> {
public:
  explicit DnsUpdater(const ParameterValues &v)
      : m_name(canonicalName(v.text("name"))),
        m_zone(v.text("zone").empty() ? std::string(parentName(m_name))
                                      : canonicalName(v.text("zone"))),
        m_service(v.text("service").empty() ? "dns" : v.text("service")),
        m_ttl(static_cast<std::uint32_t>(v.integer("ttl_s"))),
        m_poisson(v.text("arrivals") == "poisson"),
        m_start(v.duration("start_ns")),
        m_period(v.duration("period_ns")),
        m_timeout(v.duration("timeout_ns")),
        m_retries(static_cast<int>(v.integer("retries"))),
        m_count(static_cast<std::uint64_t>(v.integer("count"))) {
    m_server.port = static_cast<std::uint16_t>(v.integer("port"));
    m_server.address = wire::Ipv4Address::parse(v.text("server")).value_or(wire::Ipv4Address{});
    for (const ParameterRow &row : v.rows("addresses"))
      if (const auto a = wire::Ipv4Address::parse(std::get<std::string>(row.values.at("address"))))
        m_addresses.push_back(*a);
  }

  void start(Context &ctx) override {
    m_socket = ctx.udpOpen(0);
    if (m_socket == transport::noSocket)
      ctx.note("No own port is left.");
    else if (m_addresses.empty())
      ctx.note("It has no address to give to the name.");
    else
      ctx.setTimer(m_start, Change);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Change)
      change(ctx);
    else if (m_busy)
      attempt(ctx);
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.kind != SocketEvent::Kind::Datagram || !m_busy) return;
    const auto m = decode(event.data);
    const bool mine =
        m && m->response && m->opcode == opcodeUpdate && m->id == m_id && event.remote == m_server;
    if (!mine) return;
    if (m->code == ResponseCode::NoError) {
      ++m_done;
      ctx.phase("dns.name-changed", fmt::format("{}: {}", m_name, value()));
      finish(ctx, RequestOutcome::Ok, "ok", "");
      return;
    }
    ++m_refused;
    const std::string why(name(m->code));
    ctx.phase("dns.change-refused", fmt::format("{}: {}", m_name, why));
    // An earlier attempt without an answer may have been done.
    finish(ctx, RequestOutcome::ServerError, m_attempts > 1 ? "info" : "fail", why);
  }

  std::vector<Described> describe(SimTime) const override {
    return {row("name", m_name),
            row("server", m_server.text()),
            row("address", m_changes == 0 ? "none" : value(), "that it gave to the name last"),
            row("changes done", text(m_done)),
            row("refused", text(m_refused)),
            row("without an answer", text(m_unanswered), "nobody knows whether they were done")};
  }

private:
  enum Timer : std::uint64_t { Change, Again };

  std::string value() const { return m_addresses[(m_changes - 1) % m_addresses.size()].text(); }

  void change(Context &ctx) {
    if (m_count != 0 && m_changes >= m_count) return;
    ctx.setTimer(m_poisson ? std::max(ctx.random("arrivals").exponential(m_period), Duration::us(1))
                           : m_period,
                 Change);
    if (m_busy) return; // the last one is not through yet
    ++m_changes;
    m_busy = true;
    m_attempts = 0;
    m_began = ctx.now();
    m_id = static_cast<std::uint16_t>(ctx.random("id").below(65536));
    m_request = ctx.requestStarted("update " + m_name, m_service);
    if (m_process.empty()) m_process = fmt::format("{}-{}", ctx.node().id, m_request);
    tell(ctx, "invoke");
    attempt(ctx);
  }

  /// The whole change is done at once or not at all, so that the name is never without an address.
  void attempt(Context &ctx) {
    if (m_attempts++ > m_retries) {
      ++m_unanswered;
      ctx.phase("dns.change-unknown", m_name);
      finish(ctx, RequestOutcome::Timeout, "info", "no answer from the name server");
      return;
    }
    Message m = Message::update(m_id, m_zone);
    m.authority.push_back(Record::deletion(m_name, RecordType::A));
    m.authority.push_back(
        Record::a(m_name, m_addresses[(m_changes - 1) % m_addresses.size()], m_ttl));
    m_timer = ctx.setTimer(m_timeout, Again);
    const auto bytes = encode(m);
    if (!bytes) return;
    ctx.fact(transport::noSocket, FactTopic::Try, "sent", text(m_request), m_server.text());
    ctx.phase("dns.update-sent", fmt::format("{}: {}", m_name, value()));
    ctx.udpSend(m_socket, m_server, wire::Payload::of(*bytes));
  }

  void finish(Context &ctx, RequestOutcome outcome, std::string_view how, const std::string &why) {
    m_busy = false;
    ctx.cancelTimer(m_timer);
    ctx.requestEnded(m_request, outcome, ctx.now() - m_began, value().size(), why);
    tell(ctx, how);
    // Its change may yet be done: whoever goes on is somebody else.
    if (how == "info") m_process.clear();
  }

  void tell(Context &ctx, std::string_view how) const {
    ctx.fact(transport::noSocket, FactTopic::Operation, how,
             fmt::format("write {} {}", m_name, value()),
             fmt::format("{} {} {}", m_process, m_request, m_service));
  }

  std::string m_name, m_zone, m_service;
  std::uint32_t m_ttl;
  bool m_poisson;
  Duration m_start, m_period, m_timeout;
  int m_retries;
  std::uint64_t m_count;
  transport::Endpoint m_server;
  std::vector<wire::Ipv4Address> m_addresses;

  transport::SocketId m_socket = transport::noSocket;
  std::string m_process;
  bool m_busy = false;
  int m_attempts = 0;
  SimTime m_began;
  std::uint16_t m_id = 0;
  std::uint64_t m_request = 0, m_changes = 0, m_done = 0, m_refused = 0, m_unanswered = 0;
  TimerId m_timer;
};

std::string checkUpdatedName(std::string_view name) {
  const std::string canonical = canonicalName(name);
  if (!canonical.empty() && validName(canonical)) return {};
  return "must be a domain name such as www.example.com";
}

} // namespace

ProgramType dnsUpdaterType() {
  using namespace declare;
  Parameter name = required(text("name", "", "Name whose address it changes: www.example.com"));
  name.checkText = checkUpdatedName;
  constexpr double ttlMax = 2147483647; // RFC 2181 section 8
  return {"dns-updater",
          "DNS updater",
          "Gives a name another address now and then (RFC 2136); each change is a write",
          "dns",
          {required(address("server", "Address of the zone's name server")),
           port(53, "UDP port of the name server"), std::move(name),
           text("zone", "", "Zone that holds the name; empty: the name without its first label"),
           required(
               records("addresses", {required(address("address", "An address that the name gets"))},
                       "Its addresses in turn: enough that none returns while caches keep it")),
           integer("ttl_s", "s", 30, 0, ttlMax, "Time a cache may keep the address"),
           text("service", "", "What the name's service is called in views; empty: dns"), startAt(),
           duration("period_ns", Duration::seconds(10), millisecond, 1000 * hour,
                    "Changes the address this often"),
           choice("arrivals", {"constant", "poisson"},
                  "The period is kept, or only so on average (a Poisson process)"),
           integer("count", "", 0, 0, 1e9, "Changes it so many times; 0: no end"),
           duration("timeout_ns", Duration::seconds(1), millisecond, 60 * second,
                    "Sends an update again after this without an answer"),
           integer("retries", "", 3, 0, 100, "Sends it so many times again")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<DnsUpdater>(v);
          }};
}

} // namespace packetarium::programs

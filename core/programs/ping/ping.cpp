// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"
#include "core/wire/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;
using wire::IcmpHeader;

/// ICMP echo (RFC 792): once each interval, or hop by hop with a rising TTL (traceroute).
class Ping final : public ProgramOf<Ping> {
public:
  explicit Ping(const ParameterValues &v)
      : m_peer(v.text("peer"), 0),
        m_trace(v.text("mode") == "traceroute"),
        m_count(static_cast<std::uint64_t>(v.integer("count"))),
        m_start(v.duration("start_ns")),
        m_interval(v.duration("interval_ns")),
        m_timeout(v.duration("timeout_ns")),
        m_bytes(static_cast<std::uint32_t>(v.integer("bytes"))),
        m_ttl(static_cast<std::uint8_t>(v.integer("ttl"))),
        m_hopsMax(static_cast<std::uint8_t>(v.integer("max_hops"))) {}

  void start(Context &ctx) override {
    m_socket = ctx.rawOpen(static_cast<std::uint8_t>(wire::IpProtocol::Icmp));
    m_identifier = static_cast<std::uint16_t>(ctx.random("identifier").below(65536));
    ctx.setTimer(m_start, Begin);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Begin)
      begin(ctx);
    else
      timedOut(ctx, static_cast<std::uint16_t>(tag - FirstTimeout));
  }

  void onResolved(Context &ctx, std::uint64_t, const Resolution &answer) override {
    if (m_peer.take(answer)) {
      firstProbe(ctx);
      return;
    }
    const std::string why = sentence(answer.status, m_peer.name());
    ctx.note(why);
    const std::uint64_t request = ctx.requestStarted("ping " + m_peer.name());
    ctx.requestEnded(request, outcomeOf(answer.status), Duration{}, 0, why);
    ++m_lost;
    m_last = why;
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.kind != SocketEvent::Kind::Packet) return;
    const wire::Packet &p = event.packet;
    if (p.kind != wire::PacketKind::Icmp) return;
    if (p.icmp.type == IcmpHeader::EchoReply) onReply(ctx, p);
    if (p.icmp.type == IcmpHeader::DestinationUnreachable ||
        p.icmp.type == IcmpHeader::TimeExceeded)
      onError(ctx, p);
  }

  std::vector<Described> describe(SimTime) const override {
    std::vector<Described> rows = {
        row("to", m_peer.known() ? m_peer.endpoint().address.text() : m_peer.name()),
        row("sent", text(m_sent)), row("answered", text(m_received)), row("lost", text(m_lost))};
    if (m_received > 0) {
      rows.push_back(row("shortest", inMs(m_rttMin), "round-trip time"));
      rows.push_back(row("mean", inMs(m_rttSum / static_cast<std::int64_t>(m_received))));
      rows.push_back(row("longest", inMs(m_rttMax)));
    }
    rows.push_back(row("last result", m_last.empty() ? "none yet" : m_last));
    if (m_trace) {
      Described hops = row("way", fmt::format("{} hops", m_hops.size()));
      for (const auto &[ttl, hop] : m_hops) hops.children.push_back(row(text(ttl), hop));
      rows.push_back(std::move(hops));
    }
    return rows;
  }

private:
  enum Tag : std::uint64_t { Begin, FirstTimeout };
  struct Probe {
    SimTime sentAt;
    std::uint8_t ttl = 0;
    std::uint64_t request = 0;
    TimerId timer;
  };

  void begin(Context &ctx) {
    ++m_rounds;
    if (m_count == 0 || m_rounds < m_count) ctx.setTimer(m_interval, Begin);
    if (m_trace && !m_probes.empty()) return; // the round before has not come to its end
    if (m_peer.lookUp(ctx, 0)) firstProbe(ctx);
  }

  void firstProbe(Context &ctx) {
    if (m_trace) m_hops.clear();
    probe(ctx, m_trace ? std::uint8_t{1} : m_ttl);
  }

  void probe(Context &ctx, std::uint8_t ttl) {
    const std::uint16_t sequence = ++m_sequence;
    Probe &p = m_probes[sequence];
    p.sentAt = ctx.now();
    p.ttl = ttl;
    ctx.phase("ping.sent", m_trace ? fmt::format("{} TTL {}", m_peer.name(), ttl) : m_peer.name());
    p.request = ctx.requestStarted("ping " + m_peer.name());
    p.timer = ctx.setTimer(m_timeout, FirstTimeout + sequence);
    ++m_sent;
    wire::Packet packet;
    packet.kind = wire::PacketKind::Icmp;
    packet.ip.protocol = static_cast<std::uint8_t>(wire::IpProtocol::Icmp);
    packet.ip.ttl = ttl;
    packet.ip.destination = m_peer.endpoint().address;
    packet.icmp = {};
    packet.icmp.type = IcmpHeader::EchoRequest;
    packet.icmp.rest = std::uint32_t{m_identifier} << 16 | sequence;
    packet.payload = wire::Payload::pattern(0, m_bytes);
    ctx.rawSend(m_socket, std::move(packet));
  }

  void onReply(Context &ctx, const wire::Packet &p) {
    if (p.icmp.rest >> 16 != m_identifier) return;
    auto node = m_probes.extract(static_cast<std::uint16_t>(p.icmp.rest));
    if (node.empty()) return;
    const Probe &probe = node.mapped();
    ctx.cancelTimer(probe.timer);
    const Duration rtt = ctx.now() - probe.sentAt;
    countRtt(rtt);
    m_last = fmt::format("{} answered after {}", p.ip.source.text(), inMs(rtt));
    ctx.phase("ping.received", m_last);
    ctx.sample("ping.rtt_ms", rtt.toMs());
    ctx.requestEnded(probe.request, trace::RequestOutcome::Ok, rtt, p.payload.size(), m_last);
    if (m_trace) {
      hop(ctx, probe.ttl, fmt::format("{} {}", p.ip.source.text(), inMs(rtt)));
      ctx.note(fmt::format("{} is {} hops away.", m_peer.name(), probe.ttl));
    }
  }

  void onError(Context &ctx, const wire::Packet &p) {
    const auto quote = wire::parseQuote(p.payload);
    if (!quote || quote->protocol != static_cast<std::uint8_t>(wire::IpProtocol::Icmp) ||
        quote->sourcePort != m_identifier)
      return;
    auto node = m_probes.extract(static_cast<std::uint16_t>(quote->sequence));
    if (node.empty()) return;
    const Probe &probe = node.mapped();
    ctx.cancelTimer(probe.timer);
    const Duration rtt = ctx.now() - probe.sentAt;
    const bool exceeded = p.icmp.type == IcmpHeader::TimeExceeded;
    m_last = exceeded ? fmt::format("{}: time to live exceeded", p.ip.source.text())
                      : fmt::format("{}: {}", p.ip.source.text(), unreachable(p.icmp.code));
    ctx.phase(exceeded ? "ping.time-exceeded" : "ping.unreachable", m_last);
    const bool wanted = m_trace && exceeded;
    if (wanted)
      countRtt(rtt);
    else
      lose(ctx);
    ctx.requestEnded(probe.request,
                     wanted ? trace::RequestOutcome::Ok : trace::RequestOutcome::Refused, rtt, 0,
                     m_last);
    if (!m_trace) {
      ctx.note(m_last + ".");
      return;
    }
    hop(ctx, probe.ttl,
        fmt::format("{} {}{}", p.ip.source.text(), inMs(rtt),
                    exceeded ? "" : " " + unreachable(p.icmp.code)));
    if (exceeded) nextHop(ctx, probe.ttl);
  }

  void timedOut(Context &ctx, std::uint16_t sequence) {
    auto node = m_probes.extract(sequence);
    if (node.empty()) return;
    const Probe &probe = node.mapped();
    m_last = fmt::format("no answer within {}", toString(m_timeout));
    ctx.phase("ping.timeout", m_peer.name());
    lose(ctx);
    ctx.requestEnded(probe.request, trace::RequestOutcome::Timeout, m_timeout, 0, m_last);
    if (!m_trace) return;
    hop(ctx, probe.ttl, "* (no answer)");
    nextHop(ctx, probe.ttl);
  }

  void lose(Context &ctx) {
    ++m_lost;
    ctx.sample("ping.lost", static_cast<double>(m_lost));
  }

  void countRtt(Duration rtt) {
    m_rttMin = m_received == 0 ? rtt : std::min(m_rttMin, rtt);
    ++m_received;
    m_rttMax = std::max(m_rttMax, rtt);
    m_rttSum = m_rttSum + rtt;
  }

  void hop(Context &ctx, std::uint8_t ttl, std::string what) {
    ctx.note(fmt::format("hop {}: {}", ttl, what));
    m_hops[ttl] = std::move(what);
  }

  void nextHop(Context &ctx, std::uint8_t ttl) {
    if (ttl < m_hopsMax)
      probe(ctx, static_cast<std::uint8_t>(ttl + 1));
    else
      ctx.note(fmt::format("{} is more than {} hops away.", m_peer.name(), m_hopsMax));
  }

  /// RFC 792 and RFC 1122 section 3.2.2.1.
  static std::string unreachable(std::uint8_t code) {
    switch (code) {
    case 0: return "destination network unreachable";
    case 1: return "destination host unreachable";
    case 2: return "destination protocol unreachable";
    case 3: return "destination port unreachable";
    case 4: return "fragmentation needed";
    case 13: return "administratively prohibited";
    default: return fmt::format("destination unreachable (code {})", code);
    }
  }

  Peer m_peer;
  bool m_trace = false;
  std::uint64_t m_count = 0;
  Duration m_start, m_interval, m_timeout;
  std::uint32_t m_bytes = 0;
  std::uint8_t m_ttl = 64, m_hopsMax = 30;

  transport::SocketId m_socket = transport::noSocket;
  std::uint16_t m_identifier = 0, m_sequence = 0;
  std::map<std::uint16_t, Probe> m_probes;
  std::map<std::uint8_t, std::string> m_hops;
  std::uint64_t m_rounds = 0, m_sent = 0, m_received = 0, m_lost = 0;
  Duration m_rttMin, m_rttMax, m_rttSum;
  std::string m_last;
};

} // namespace

ProgramType pingType() {
  using namespace declare;
  return {"ping",
          "Ping",
          "Measures round trips with ICMP echo, or finds the way hop by hop (traceroute)",
          "pulse",
          {peer("Name or address to ask"),
           choice("mode", {"echo", "traceroute"}, "Echo only, or every hop with a rising TTL"),
           integer("count", "", 0, 0, 1e9, "Rounds; 0: no end"), startAt(),
           duration("interval_ns", Duration::seconds(1), millisecond, 1000 * hour,
                    "From one round to the next"),
           duration("timeout_ns", Duration::seconds(2), millisecond, hour,
                    "Waits so long for each answer"),
           integer("bytes", "bytes", 56, 0, 1472, "Data in each echo request"),
           integer("ttl", "", 64, 1, 255, "Time to live of an echo request"),
           integer("max_hops", "", 30, 1, 255, "Where a traceroute gives up")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<Ping>(v);
          }};
}

} // namespace packetarium::programs

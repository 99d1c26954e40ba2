// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/why.h"

#include "core/analysis/delivery.h"
#include "core/analysis/names.h"
#include "core/transport/socket.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::analysis {
namespace {

using trace::Record;
using trace::RecordKind;
using trace::Sequence;

bool isAboutPacket(RecordKind kind) {
  return kind == RecordKind::FrameSent || kind == RecordKind::FrameReceived ||
         kind == RecordKind::FrameDropped || kind == RecordKind::FrameQueued ||
         kind == RecordKind::PacketRewritten;
}

/// "http.request-received" for people: "request received".
std::string milestoneText(std::string name) {
  const std::size_t dot = name.find('.');
  if (dot != std::string::npos) name.erase(0, dot + 1);
  std::replace(name.begin(), name.end(), '-', ' ');
  return name;
}

/// Sentences about records of one trace.
class Teller {
public:
  Teller(const trace::Trace &trace, const net::Blueprint &network)
      : m_trace(trace), m_network(network) {}

  std::string sentence(const Record &r, Sequence s) const;
  std::string node(std::uint32_t n) const { return nodeName(m_network, n); }
  std::string link(std::uint32_t l) const { return linkName(m_network, l); }
  std::string packet(PacketId id) const {
    const wire::Packet *p = m_trace.packet(id);
    return p != nullptr ? packetName(*p) : std::string("a packet");
  }
  PacketId origin(PacketId id) const {
    const wire::Packet *p = m_trace.packet(id);
    return p != nullptr ? p->origin : id;
  }
  std::string drop(const Record &r) const;

private:
  std::string text(Sequence s, std::uint64_t arg) const {
    return std::string(m_trace.text(s, arg));
  }
  std::string neighbour(const Record &r) const {
    if (r.link >= m_network.links.size()) return "nobody";
    return node(farNode(m_network, r.link, trace::sendingEnd(r)));
  }
  std::string change(const Record &r) const;
  std::string tcpState(const Record &r) const;
  std::string retransmit(const Record &r) const;
  std::string requestEnded(const Record &r, Sequence s) const;
  std::string fact(const Record &r, Sequence s) const;
  std::string phase(const Record &r, Sequence s) const;
  std::string where(const Record &r) const;

  const trace::Trace &m_trace;
  const net::Blueprint &m_network;
};

std::string Teller::where(const Record &r) const {
  const Record *about = r.args[0] != 0 ? m_trace.record(r.args[0]) : nullptr;
  const bool onLink = about != nullptr && about->kind == RecordKind::FrameSent &&
                      static_cast<trace::DropReason>(r.detail) != trace::DropReason::NodeDown;
  if (onLink) return "on the link " + link(r.link);
  return r.hasNode() ? "at " + node(r.node) : "on the link " + link(r.link);
}

std::string Teller::drop(const Record &r) const {
  const auto reason = static_cast<trace::DropReason>(r.detail);
  const wire::Packet *p = m_trace.packet(r.packet);
  switch (reason) {
  case trace::DropReason::NoRoute:
    if (p == nullptr) break;
    return fmt::format("{} has no route to {}.", node(r.node), p->ip.destination.text());
  case trace::DropReason::QueueFull:
    return fmt::format("The queue of {} in front of the link {} was full, so the newest packet was "
                       "dropped.",
                       node(r.node), link(r.link));
  case trace::DropReason::LinkCut:
    return fmt::format("The link {} was cut while it was on it or waited for it.", link(r.link));
  case trace::DropReason::NoCarrier:
    if (!r.hasLink()) break;
    return fmt::format("Its way out of {} is the link {}, and that is cut.", node(r.node),
                       link(r.link));
  case trace::DropReason::NodeDown: return fmt::format("{} has crashed.", node(r.node));
  case trace::DropReason::TtlExpired:
    return fmt::format("Its time to live ran out at {}: too many routers on the way.",
                       node(r.node));
  default: break;
  }
  return std::string(trace::sentence(reason));
}

std::string Teller::change(const Record &r) const {
  const double v = trace::doubleOf(r.args[0]);
  const std::string l = link(r.link);
  switch (static_cast<trace::LinkQuantity>(r.detail)) {
  case trace::LinkQuantity::Rate:
    return fmt::format("The rate of the link {} was set to {}.", l, rateText(v));
  case trace::LinkQuantity::Delay:
    return fmt::format("The delay of the link {} was set to {}.", l,
                       durationText(Duration::ns(static_cast<std::int64_t>(v))));
  case trace::LinkQuantity::Jitter:
    return fmt::format("The jitter of the link {} was set to {}.", l,
                       durationText(Duration::ns(static_cast<std::int64_t>(v))));
  case trace::LinkQuantity::Loss:
    return fmt::format("The loss of the link {} was set to {:.3g} %.", l, 100 * v);
  case trace::LinkQuantity::Queue:
    return fmt::format("The queue of the link {} was set to {:.0f} packets.", l, v);
  }
  return {};
}

std::string Teller::tcpState(const Record &r) const {
  const trace::TcpStateArgs a = trace::tcpStateArgs(r);
  const auto from = static_cast<transport::TcpState>(a.fromState);
  const auto to = static_cast<transport::TcpState>(r.detail);
  const std::string peer =
      a.remotePort == 0
          ? fmt::format("on port {}", a.localPort)
          : fmt::format("with {}:{}", wire::Ipv4Address{a.remoteIp}.text(), a.remotePort);
  return fmt::format("On {} the connection {} went from {} to {}.", node(r.node), peer,
                     transport::name(from), transport::name(to));
}

std::string Teller::retransmit(const Record &r) const {
  const std::string who = node(r.node);
  const std::string what = packet(r.packet);
  switch (static_cast<trace::RetransmitReason>(r.detail)) {
  case trace::RetransmitReason::Timeout:
    return fmt::format("{} sent {} again, because no acknowledgement came in time.", who, what);
  case trace::RetransmitReason::Fast:
    return fmt::format("{} sent {} again at once: three duplicate acknowledgements say that it is "
                       "missing.",
                       who, what);
  case trace::RetransmitReason::PartialAck:
    return fmt::format("{} sent {} again: the last acknowledgement stopped short of it, so it is "
                       "missing too.",
                       who, what);
  case trace::RetransmitReason::Syn:
    return fmt::format("{} sent {} again, because no answer came.", who, what);
  case trace::RetransmitReason::Fin:
    return fmt::format("{} sent {} again, because the end of the stream was not confirmed.", who,
                       what);
  case trace::RetransmitReason::Probe:
    return fmt::format("{} asked with {} whether the window is still closed.", who, what);
  }
  return {};
}

std::string Teller::requestEnded(const Record &r, Sequence s) const {
  const std::string took = durationText(Duration::ns(static_cast<std::int64_t>(r.args[1])));
  switch (static_cast<trace::RequestOutcome>(r.detail)) {
  case trace::RequestOutcome::Ok:
    return fmt::format("{} got its answer after {}.", node(r.node), took);
  case trace::RequestOutcome::Timeout:
    return fmt::format("{} gave up after {}: no answer came.", node(r.node), took);
  case trace::RequestOutcome::Refused:
    return fmt::format("The request of {} was refused: nobody listens there.", node(r.node));
  case trace::RequestOutcome::NameError:
    return fmt::format("{} could not find an address for the name.", node(r.node));
  case trace::RequestOutcome::Reset:
    return fmt::format("The connection of {} was reset.", node(r.node));
  case trace::RequestOutcome::ServerError:
    return fmt::format("{} got an error as its answer.", node(r.node));
  case trace::RequestOutcome::Untrusted: {
    const std::string said = text(s, r.args[3]);
    return fmt::format("TLS ended the request of {}: {}", node(r.node),
                       said.empty() ? "the connection could not be trusted." : said);
  }
  case trace::RequestOutcome::Cancelled:
    return fmt::format("{} gave the request up itself.", node(r.node));
  }
  return {};
}

std::string Teller::sentence(const Record &r, Sequence s) const {
  switch (r.kind) {
  case RecordKind::FrameSent:
    return fmt::format("{} sent {} to {}.", node(r.node), packet(r.packet), neighbour(r));
  case RecordKind::FrameReceived:
    return fmt::format("{} received {}.", node(r.node), packet(r.packet));
  case RecordKind::FrameDropped:
    return fmt::format("{} was lost {}. {}", capitalised(packet(r.packet)), where(r), drop(r));
  case RecordKind::FrameQueued:
    return fmt::format("At {} {} had to wait for the link {}.", node(r.node), packet(r.packet),
                       link(r.link));
  case RecordKind::PacketRewritten:
    return fmt::format("{} rewrote the addresses of {} (NAT).", node(r.node), packet(r.packet));
  case RecordKind::SegmentDelivered:
    return fmt::format("{} bytes reached a program on {}.", r.args[0], node(r.node));
  case RecordKind::NodeState:
    switch (static_cast<trace::NodeHealth>(r.detail)) {
    case trace::NodeHealth::Up: return fmt::format("{} is up.", node(r.node));
    case trace::NodeHealth::Crashed: return fmt::format("{} crashed.", node(r.node));
    case trace::NodeHealth::Paused: return fmt::format("{} was paused.", node(r.node));
    case trace::NodeHealth::Starting: return fmt::format("{} is starting.", node(r.node));
    }
    return {};
  case RecordKind::LinkState:
    return fmt::format("The link {} was {}.", link(r.link), r.detail != 0 ? "restored" : "cut");
  case RecordKind::LinkChanged: return change(r);
  case RecordKind::ArpLearned:
    return fmt::format("{} learned that {} is at {}.", node(r.node),
                       wire::Ipv4Address{static_cast<std::uint32_t>(r.args[0])}.text(),
                       wire::MacAddress::fromBits(r.args[1]).text());
  case RecordKind::MacLearned:
    return fmt::format("{} learned on which port {} is.", node(r.node),
                       wire::MacAddress::fromBits(r.args[1]).text());
  case RecordKind::NatMapped:
    return fmt::format(
        "{} gave {}:{} the outside address {}:{}.", node(r.node),
        wire::Ipv4Address{static_cast<std::uint32_t>(r.args[0] >> 16)}.text(), r.args[0] & 0xffff,
        wire::Ipv4Address{static_cast<std::uint32_t>(r.args[1] >> 16)}.text(), r.args[1] & 0xffff);
  case RecordKind::TcpState: return tcpState(r);
  case RecordKind::TcpRetransmit: return retransmit(r);
  case RecordKind::TcpCongestion:
    return fmt::format("TCP on {} now allows {} bytes in flight.", node(r.node), r.args[1] >> 32);
  case RecordKind::TcpTimeout:
    return fmt::format("The retransmission timer of {} ran out after {}.", node(r.node),
                       durationText(Duration::ns(static_cast<std::int64_t>(r.args[1]))));
  case RecordKind::Note: return fmt::format("{}: {}", node(r.node), text(s, r.args[0]));
  case RecordKind::Phase: return phase(r, s);
  case RecordKind::RequestStarted:
    return fmt::format("{} asked for {}.", node(r.node), text(s, r.args[1]));
  case RecordKind::RequestEnded: return requestEnded(r, s);
  case RecordKind::Sample:
    return fmt::format("{} measured {} = {:.4g}.", node(r.node), text(s, r.args[0]),
                       trace::doubleOf(r.args[1]));
  case RecordKind::Fact: return fact(r, s);
  }
  return {};
}

/// What the man in the middle did, and what caught it, are told in words of their own.
std::string Teller::phase(const Record &r, Sequence s) const {
  const std::string milestone = text(s, r.args[0]);
  std::string object = text(s, r.args[1]);
  if (object.ends_with('.')) object.pop_back();
  const std::string who = node(r.node);
  if (milestone == "tls.failed") return fmt::format("TLS on {} gave up: {}.", who, object);
  if (milestone == "interceptor.accepted")
    return fmt::format("{} took the connection of {}, as if it were the server.", who, object);
  if (milestone == "interceptor.name-seen")
    return fmt::format("{} saw that the client wants {}.", who, object);
  if (milestone == "interceptor.read") return fmt::format("{} read in clear: {}.", who, object);
  if (milestone == "interceptor.certificate-accepted")
    return fmt::format("The client of {} accepted {}.", who, object);
  if (milestone == "interceptor.caught") return fmt::format("{} was caught: {}.", who, object);
  if (milestone == "interceptor.changed" || milestone == "interceptor.replayed" ||
      milestone == "interceptor.downgraded" || milestone == "interceptor.certificate-forged")
    return fmt::format("{} {}.", who, object);
  return fmt::format("{}: {}{}.", who, milestoneText(milestone),
                     object.empty() ? "" : " (" + object + ")");
}

/// Long values (messages, certificates) are for other views.
std::string Teller::fact(const Record &r, Sequence s) const {
  constexpr std::size_t shown = 80;
  const std::string value = text(s, r.args[2]), detail = text(s, r.args[3]);
  std::string told = fmt::format("{}: {}", node(r.node), text(s, r.args[1]));
  if (!value.empty() && value.size() <= shown) told += " " + value;
  return told + (detail.empty() ? "." : ": " + detail + ".");
}

/// Walks the causes of a record and tells them.
class WhyBuilder {
public:
  WhyBuilder(const trace::Trace &trace, const net::Blueprint &network, std::size_t stepsMax)
      : m_trace(trace), m_network(network), m_teller(trace, network), m_max(stepsMax) {}

  Why build(Sequence record);

private:
  void add(Sequence s, SimTime at, std::string sentence) {
    if (m_why.chain.size() < m_max) m_why.chain.push_back({s, at, std::move(sentence)});
  }
  bool missing(Sequence s) {
    if (m_trace.record(s) != nullptr) return false;
    m_why.complete = false;
    const std::size_t slot = m_trace.slotOf(s);
    if (slot < m_trace.slots().size()) m_why.pendingSlot = slot;
    return true;
  }
  Sequence before(const Record &r) const;
  Sequence tellPacket(Sequence last, bool aloud);
  void tellCauses(Sequence s);
  void addFault(const Record &r);
  void addLostOriginal(Sequence retransmit);
  template <class Match> std::optional<Sequence> lastBefore(Sequence from, Match match) const;

  const trace::Trace &m_trace;
  const net::Blueprint &m_network;
  Teller m_teller;
  std::size_t m_max;
  Why m_why;
};

/// What led to a record about a packet: the crossing before it, or what made the packet.
Sequence WhyBuilder::before(const Record &r) const {
  if (r.kind == RecordKind::FrameReceived) return r.args[0];
  if (r.kind == RecordKind::FrameDropped && r.args[0] != 0) return r.args[0];
  return r.cause;
}

/// Tells all hops of one packet up to this record as one step; gives what led to the packet.
Sequence WhyBuilder::tellPacket(Sequence last, bool aloud) {
  const Record *end = m_trace.record(last);
  const PacketId origin = m_teller.origin(end->packet);
  Sequence first = last;
  std::size_t hops = 0;
  const Record *r = end;
  while (true) {
    hops += r->kind == RecordKind::FrameSent ? 1 : 0;
    const Sequence s = before(*r);
    const Record *earlier = s != 0 ? m_trace.record(s) : nullptr;
    const bool same = earlier != nullptr && isAboutPacket(earlier->kind) &&
                      m_teller.origin(earlier->packet) == origin;
    if (!same) break;
    first = s;
    r = earlier;
  }
  if (!aloud) return before(*r);
  const std::string what = m_teller.packet(origin);
  if (hops <= 1) {
    add(last, end->at, m_teller.sentence(*end, last));
  } else {
    const std::uint32_t to = end->kind == RecordKind::FrameSent && end->hasLink()
                                 ? farNode(m_network, end->link, trace::sendingEnd(*end))
                                 : end->node;
    add(first, r->at,
        fmt::format("{} sent {}, which came over {} links to {}.", m_teller.node(r->node), what,
                    hops, m_teller.node(to)));
  }
  return before(*r);
}

template <class Match>
std::optional<Sequence> WhyBuilder::lastBefore(Sequence from, Match match) const {
  std::size_t left = 400'000; // records looked at
  for (Sequence s = from; s > 0 && left > 0;) {
    const std::size_t slot = m_trace.slotOf(s);
    if (slot >= m_trace.slots().size() || !m_trace.slots()[slot].chunk) return std::nullopt;
    const trace::Chunk &chunk = *m_trace.slots()[slot].chunk;
    for (; s >= chunk.summary.first && s > 0 && left > 0; --s, --left)
      if (match(chunk.records[s - chunk.summary.first])) return s;
  }
  return std::nullopt;
}

/// A drop at a cut link or a crashed node: when that happened.
void WhyBuilder::addFault(const Record &r) {
  const auto reason = static_cast<trace::DropReason>(r.detail);
  std::optional<Sequence> fault;
  const Sequence upTo = m_trace.lastAtOrBefore(r.at);
  if (reason == trace::DropReason::LinkCut || reason == trace::DropReason::NoCarrier)
    fault = lastBefore(upTo, [&](const Record &c) {
      return c.kind == RecordKind::LinkState && c.link == r.link && c.detail == 0 && c.at <= r.at;
    });
  if (reason == trace::DropReason::NodeDown)
    fault = lastBefore(upTo, [&](const Record &c) {
      return c.kind == RecordKind::NodeState && c.node == r.node && c.at <= r.at &&
             static_cast<trace::NodeHealth>(c.detail) == trace::NodeHealth::Crashed;
    });
  if (!fault || *fault == r.cause) return;
  const Record &f = *m_trace.record(*fault);
  add(*fault, f.at, m_teller.sentence(f, *fault));
}

/// Of a retransmission: what became of the segment sent before.
void WhyBuilder::addLostOriginal(Sequence retransmit) {
  const Record &r = *m_trace.record(retransmit);
  const wire::Packet *again = m_trace.packet(r.packet);
  if (again == nullptr || again->kind != wire::PacketKind::Tcp) return;
  const auto lost = lastBefore(retransmit - 1, [&](const Record &c) {
    if (c.kind != RecordKind::FrameDropped || isHarmless(static_cast<trace::DropReason>(c.detail)))
      return false;
    const wire::Packet *form = m_trace.packet(c.packet);
    const wire::Packet *p = form != nullptr ? m_trace.packet(form->origin) : nullptr;
    return p != nullptr && p->kind == wire::PacketKind::Tcp &&
           p->tcp.sequence == again->tcp.sequence && p->ip.source == again->ip.source &&
           p->ip.destination == again->ip.destination &&
           p->tcp.sourcePort == again->tcp.sourcePort &&
           p->tcp.destinationPort == again->tcp.destinationPort;
  });
  if (!lost) return;
  const Record &d = *m_trace.record(*lost);
  add(*lost, d.at, "The first copy: " + m_teller.sentence(d, *lost));
  addFault(d);
}

std::string questionOf(const Record &r) {
  switch (r.kind) {
  case RecordKind::FrameDropped: return "Why was this packet lost?";
  case RecordKind::TcpRetransmit: return "Why was this segment sent again?";
  case RecordKind::RequestEnded:
    return static_cast<trace::RequestOutcome>(r.detail) == trace::RequestOutcome::Ok
               ? "How did this request come to its answer?"
               : "Why did this request fail?";
  case RecordKind::FrameQueued: return "Why does this packet wait?";
  default: return "Why did this happen?";
  }
}

/// Whether a cause may be told: what happens in one node leads to something in another only by way
/// of a packet.
bool mayLeadTo(const Record &cause, const Record *effect) {
  if (effect == nullptr || isAboutPacket(cause.kind) || isAboutPacket(effect->kind)) return true;
  return !cause.hasNode() || !effect->hasNode() || cause.node == effect->node;
}

void WhyBuilder::tellCauses(Sequence s) {
  constexpr int told = 2; // of a long to and fro on one connection, before it is summed up
  int toAndFro = 0;
  const Record *effect = nullptr;
  const auto sumUp = [&] {
    if (toAndFro > told)
      add(0, effect != nullptr ? effect->at : SimTime{},
          fmt::format("Before that, {} more segment{} of the connection went to and fro.",
                      toAndFro - told, toAndFro - told == 1 ? "" : "s"));
    toAndFro = 0;
  };
  while (s != 0 && m_why.chain.size() < m_max) {
    if (missing(s)) break;
    const Record &r = *m_trace.record(s);
    if (!mayLeadTo(r, effect)) break;
    effect = &r;
    if (isAboutPacket(r.kind)) {
      const wire::Packet *p = m_trace.packet(r.packet);
      toAndFro = p != nullptr && p->kind == wire::PacketKind::Tcp ? toAndFro + 1 : 0;
      s = tellPacket(s, toAndFro <= told);
      continue;
    }
    sumUp();
    add(s, r.at, m_teller.sentence(r, s));
    if (r.kind == RecordKind::RequestStarted) return; // what a person would call the beginning
    s = r.cause;
  }
  sumUp();
}

Why WhyBuilder::build(Sequence record) {
  if (record == 0 || missing(record)) return std::move(m_why);
  const Record &asked = *m_trace.record(record);
  m_why.question = questionOf(asked);
  m_why.answer = asked.kind == RecordKind::FrameDropped ? m_teller.drop(asked)
                                                        : m_teller.sentence(asked, record);
  Sequence s = record;
  if (asked.kind == RecordKind::FrameDropped) {
    add(record, asked.at, m_teller.sentence(asked, record));
    addFault(asked);
    s = before(asked);
  } else if (asked.kind == RecordKind::TcpRetransmit) {
    add(record, asked.at, m_teller.sentence(asked, record));
    addLostOriginal(record);
    s = asked.cause;
  }
  tellCauses(s);
  return std::move(m_why);
}

} // namespace

Why whyOf(const trace::Trace &trace, const net::Blueprint &network, Sequence record,
          std::size_t stepsMax) {
  return WhyBuilder(trace, network, stepsMax).build(record);
}

std::string describeRecord(const trace::Trace &trace, const net::Blueprint &network,
                           Sequence record) {
  const Record *r = trace.record(record);
  return r == nullptr ? std::string() : Teller(trace, network).sentence(*r, record);
}

} // namespace packetarium::analysis

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/teller.h"

#include "core/analysis/cluster_facts.h"
#include "core/transport/socket.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::analysis {
namespace {

using trace::Record;
using trace::RecordKind;
using trace::Sequence;

/// "http.request-received" for people: "request received".
std::string milestoneText(std::string name) {
  const std::size_t dot = name.find('.');
  if (dot != std::string::npos) name.erase(0, dot + 1);
  std::replace(name.begin(), name.end(), '-', ' ');
  return name;
}

} // namespace

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
  case trace::DropReason::Blocked:
    return fmt::format("The link {} lets nothing through in this direction.", link(r.link));
  case trace::DropReason::Partitioned:
    if (p == nullptr || !p->maker.valid()) break;
    return fmt::format("{} and {} are on different sides of a partition.", node(p->maker.value),
                       node(r.node));
  case trace::DropReason::NodeDown: return fmt::format("{} has crashed.", node(r.node));
  case trace::DropReason::TtlExpired:
    return fmt::format("Its time to live ran out at {}: too many routers on the way.",
                       node(r.node));
  default: break;
  }
  return std::string(trace::sentence(reason));
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
  case RecordKind::LinkState:
  case RecordKind::LinkChanged:
  case RecordKind::NodeChanged: return changeSentence(m_network, r);
  case RecordKind::AddressHeld: return addressSentence(m_network, r);
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
  case RecordKind::Note: return saidBy(node(r.node), text(s, r.args[0]));
  case RecordKind::Phase: return phase(r, s);
  case RecordKind::RequestStarted:
    return fmt::format("{} asked for {}.", node(r.node), text(s, r.args[1]));
  case RecordKind::RequestEnded: return requestEnded(r, s);
  case RecordKind::Sample:
    return fmt::format("{} measured {} = {:.4g}.", node(r.node), text(s, r.args[0]),
                       trace::doubleOf(r.args[1]));
  case RecordKind::Fact: return fact(r, s);
  case RecordKind::Countdown: return countdownSentence(m_network, r, text(s, r.args[1]));
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
  return fmt::format("{}{}.", saidBy(who, milestoneText(milestone)),
                     object.empty() ? "" : " (" + object + ")");
}

/// Long values (messages, certificates) are for other views.
std::string Teller::fact(const Record &r, Sequence s) const {
  const auto topic = static_cast<trace::FactTopic>(r.detail);
  const std::string name = text(s, r.args[1]);
  constexpr std::size_t shown = 80;
  const std::string value = text(s, r.args[2]), detail = text(s, r.args[3]);
  std::string told = serviceSentence(m_network, {topic, r.node, name, value, detail});
  if (!told.empty()) return told;
  told = saidBy(node(r.node), name);
  if (!value.empty() && value.size() <= shown) told += " " + value;
  return told + (detail.empty() ? "." : ": " + detail + ".");
}

} // namespace packetarium::analysis

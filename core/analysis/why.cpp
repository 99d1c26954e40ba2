// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/why.h"

#include "core/analysis/cluster_facts.h"
#include "core/analysis/delivery.h"
#include "core/analysis/names.h"
#include "core/analysis/teller.h"

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
  void addFailureStory(Sequence ended);
  void addElectionStory(Sequence asked);
  std::optional<Sequence> addVotes(Sequence asked);
  void addMissedHeartbeat(Sequence candidacy);
  void keepNewestFirst();
  std::optional<Sequence> startOf(Sequence ended) const;
  bool isElection(const Record &r, Sequence s) const;
  bool tellsOfService(const Record &r, Sequence s, std::string_view service) const;
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

/// The RequestStarted of a request that ended.
std::optional<Sequence> WhyBuilder::startOf(Sequence ended) const {
  const Record &r = *m_trace.record(ended);
  return lastBefore(ended, [&](const Record &c) {
    return c.kind == RecordKind::RequestStarted && c.node == r.node && c.args[0] == r.args[0];
  });
}

/// What happened to the servers: roles, stages of a failover, addresses that moved.
bool WhyBuilder::tellsOfService(const Record &r, Sequence s, std::string_view service) const {
  if (r.kind == RecordKind::AddressHeld) return r.detail == 1;
  if (r.kind != RecordKind::Fact) return false;
  const auto topic = static_cast<trace::FactTopic>(r.detail);
  return (topic == trace::FactTopic::Role || topic == trace::FactTopic::Failover) &&
         m_trace.text(s, r.args[1]) == service;
}

bool isChange(RecordKind kind) {
  return kind == RecordKind::NodeState || kind == RecordKind::LinkState ||
         kind == RecordKind::LinkChanged || kind == RecordKind::NodeChanged;
}

/// Of a request that failed: the fault, how far the failover had come by then, and where the last
/// packet of it was lost. What happened in between lies in other nodes, so no causes lead there.
void WhyBuilder::addFailureStory(Sequence ended) {
  constexpr std::size_t lookBackMax = 100'000, storyMax = 10;
  const Record &r = *m_trace.record(ended);
  const auto started = startOf(ended);
  if (!started) return;
  const std::string_view service = m_trace.text(*started, m_trace.record(*started)->args[2]);
  std::vector<WhyStep> story;
  std::vector<const Record *> repairs;
  bool lost = false;
  for (Sequence s = ended - 1, looked = 0; s > 0 && looked < lookBackMax; --s, ++looked) {
    const Record *c = m_trace.record(s);
    if (c == nullptr || story.size() >= storyMax) break;
    if (c->kind == RecordKind::FrameDropped && !lost && s > *started &&
        !isHarmless(static_cast<trace::DropReason>(c->detail))) {
      const wire::Packet *p = m_trace.packet(c->packet);
      lost = p != nullptr && p->maker.valid() && p->maker.value == r.node;
      if (lost) story.push_back({s, c->at, m_teller.sentence(*c, s)});
      continue;
    }
    if (!service.empty() && tellsOfService(*c, s, service))
      story.push_back({s, c->at, m_teller.sentence(*c, s)});
    const auto sameTarget = [c](const Record *later) {
      return later->kind == c->kind && later->node == c->node && later->link == c->link &&
             (c->kind == RecordKind::NodeState || later->detail == c->detail ||
              c->kind == RecordKind::LinkState);
    };
    if (isChange(c->kind) && !isFault(*c)) repairs.push_back(c);
    if (!isFault(*c)) continue;
    // What was mended before the request began has nothing to do with it.
    const bool mended = std::any_of(repairs.begin(), repairs.end(), sameTarget);
    if (s < *started && mended) continue;
    story.push_back({s, c->at, m_teller.sentence(*c, s)});
    if (s < *started) break; // the last fault before it
  }
  for (WhyStep &step : story) m_why.chain.push_back(std::move(step));
  keepNewestFirst();
}

/// Each record once, the newest first.
void WhyBuilder::keepNewestFirst() {
  auto &chain = m_why.chain;
  std::stable_sort(chain.begin(), chain.end(), [](const WhyStep &a, const WhyStep &b) {
    return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
  });
  const auto same = [](const WhyStep &a, const WhyStep &b) {
    return a.sequence != 0 && a.sequence == b.sequence;
  };
  chain.erase(std::unique(chain.begin(), chain.end(), same), chain.end());
  if (chain.size() > m_max) chain.resize(m_max);
}

/// Whether a record tells of an election: who stood, who voted how, who leads now.
bool WhyBuilder::isElection(const Record &r, Sequence s) const {
  if (r.kind != RecordKind::Fact) return false;
  const auto topic = static_cast<trace::FactTopic>(r.detail);
  if (topic == trace::FactTopic::Vote) return true;
  const std::string_view role = m_trace.text(s, r.args[2]);
  return topic == trace::FactTopic::Role &&
         (role == "leader" || role == "candidate" || role == "pre-candidate");
}

/// The votes about the candidacy of the asked record's node, its own asking among them; gives where
/// the candidacy began.
std::optional<Sequence> WhyBuilder::addVotes(Sequence asked) {
  const Record &r = *m_trace.record(asked);
  const std::string_view service = m_trace.text(asked, r.args[1]);
  std::optional<Sequence> began;
  const auto isVote = [&](const Record &c, Sequence s) {
    return c.kind == RecordKind::Fact &&
           static_cast<trace::FactTopic>(c.detail) == trace::FactTopic::Vote &&
           m_trace.text(s, c.args[1]) == service;
  };
  constexpr Sequence votesBackMax = 50'000;
  for (Sequence s = asked, looked = 0; s > 0 && looked < votesBackMax; --s, ++looked) {
    const Record *c = m_trace.record(s);
    if (c == nullptr) break;
    if (!isVote(*c, s)) continue;
    const std::string_view value = m_trace.text(s, c->args[2]);
    const bool own = c->node == r.node;
    if (own && (value.starts_with("won") || value.starts_with("missed")) && began)
      break; // of an earlier candidacy
    const bool answers = !own && nodeNamed(m_network, m_trace.text(s, c->args[3])) == r.node;
    const bool asks = own && (value.starts_with("ask") || value.starts_with("pre-ask"));
    const bool hears = own && (value.starts_with("won") || value.starts_with("missed") ||
                               value.starts_with("pre-won") || value.starts_with("pre-missed"));
    if (!asks && !hears && !answers) continue;
    m_why.chain.push_back({s, c->at, m_teller.sentence(*c, s)});
    if (!asks) continue;
    began = s;
    if (value.starts_with("pre-ask")) break;
  }
  return began;
}

/// What the candidate waited for in vain: when it last heard from the leader, what became of the
/// leader's next message, and the fault behind it.
void WhyBuilder::addMissedHeartbeat(Sequence candidacy) {
  const Record &asks = *m_trace.record(candidacy);
  const auto waits = lastBefore(candidacy - 1, [&](const Record &c) {
    return c.kind == RecordKind::Countdown && c.node == asks.node && c.at < asks.at &&
           static_cast<trace::CountdownKind>(c.detail) == trace::CountdownKind::Election;
  });
  if (!waits) return;
  const Record &began = *m_trace.record(*waits);
  m_why.chain.push_back({*waits, began.at, m_teller.sentence(began, *waits)});
  const Record *heard = m_trace.record(began.cause);
  if (heard != nullptr && isAboutPacket(heard->kind))
    m_why.chain.push_back({began.cause, heard->at, m_teller.sentence(*heard, began.cause)});
  bool lost = false, faulty = false;
  for (Sequence s = *waits + 1; s < candidacy; ++s) {
    const Record *c = m_trace.record(s);
    if (c == nullptr) return;
    faulty = faulty || isFault(*c);
    if (isFault(*c)) m_why.chain.push_back({s, c->at, m_teller.sentence(*c, s)});
    if (lost || c->kind != RecordKind::FrameDropped) continue;
    const wire::Packet *p = m_trace.packet(c->packet);
    lost = p != nullptr && nodeNamed(m_network, p->ip.destination.text()) == asks.node &&
           !isHarmless(static_cast<trace::DropReason>(c->detail));
    if (lost) m_why.chain.push_back({s, c->at, m_teller.sentence(*c, s)});
  }
  // Another candidacy may have come to nothing since.
  const auto before = faulty ? std::nullopt : lastBefore(*waits, isFault);
  if (!before) return;
  const Record &fault = *m_trace.record(*before);
  m_why.chain.push_back({*before, fault.at, m_teller.sentence(fault, *before)});
}

/// From the heartbeat that did not come to the votes: what happened in other nodes is told too,
/// though no cause of this record leads there.
void WhyBuilder::addElectionStory(Sequence asked) {
  if (const auto candidacy = addVotes(asked)) addMissedHeartbeat(*candidacy);
  keepNewestFirst();
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
  if (asked.kind == RecordKind::RequestEnded &&
      static_cast<trace::RequestOutcome>(asked.detail) != trace::RequestOutcome::Ok)
    addFailureStory(record);
  if (isElection(asked, record)) {
    m_why.question = "How did this election come about?";
    addElectionStory(record);
  }
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

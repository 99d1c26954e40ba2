// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/explain.h"

#include "core/analysis/delivery.h"
#include "core/analysis/names.h"
#include "core/analysis/teller.h"
#include "core/cluster/merge.h"
#include "core/wire/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace packetarium::analysis {
namespace {

using judge::Operation;
using trace::FactTopic;
using trace::Record;
using trace::RecordKind;
using trace::Sequence;

/// The first Log fact with which a node took an operation into its log, and its first Apply fact.
struct Knowledge {
  bool keepsLog = false;
  const FactMark *appended = nullptr, *applied = nullptr;
};

Knowledge knowledgeOf(const FactBook &facts, std::uint32_t node, const FactMark &told) {
  Knowledge known;
  const auto of = operationOf(facts.text(told.detail));
  for (const auto &[who, marks] : facts.logs()) {
    if (who.node != node || !of || facts.text(who.service) != of->service) continue;
    known.keepsLog = true;
    for (const LogMark &mark : marks) {
      const FactMark &fact = facts.facts()[mark.fact];
      const bool same = mark.change.what == LogChange::What::Append && fact.detail == told.value &&
                        fact.sequence > told.sequence;
      if (same && known.appended == nullptr) known.appended = &fact;
    }
    for (const std::uint32_t i : facts.of(FactTopic::Apply, who)) {
      const FactMark &fact = facts.facts()[i];
      if (known.applied == nullptr && fact.detail == told.value && fact.sequence > told.sequence)
        known.applied = &fact;
    }
  }
  return known;
}

Sequence endOf(const FactBook &facts, const Operation &o) {
  return o.returnRecord != 0 ? o.returnRecord : facts.seenUpTo();
}

/// The last that was told of where an operation's answer came from; nullptr: nothing was.
const FactMark *sourceOf(const FactBook &facts, const Operation &o) {
  const FactMark *told = facts.at(o.invokeRecord);
  const auto of = told != nullptr ? operationOf(facts.text(told->detail)) : std::nullopt;
  if (!of) return nullptr;
  const auto &tries = facts.of(FactTopic::Try);
  const std::string number = std::to_string(of->number);
  const std::size_t from = facts.countUpTo(tries, o.invokeRecord);
  for (std::size_t i = facts.countUpTo(tries, endOf(facts, o)); i-- > from;) {
    const FactMark &fact = facts.facts()[tries[i]];
    if (fact.node == o.node && facts.text(fact.value) == number) return &fact;
  }
  return nullptr;
}

/// Whether a partition lies between the nodes at the record, and the record that began it.
std::optional<Sequence> partedSince(const FactBook &facts, std::uint32_t a, std::uint32_t b,
                                    Sequence upTo) {
  const std::uint32_t sideA = facts.partitionSide(a, upTo), sideB = facts.partitionSide(b, upTo);
  if (sideA == 0 || sideB == 0 || sideA == sideB) return std::nullopt;
  Sequence since = 0;
  for (const DisturbanceMark &mark : facts.disturbances()) {
    if (mark.sequence > upTo) break;
    const bool about =
        mark.record.kind == RecordKind::NodeChanged &&
        static_cast<trace::NodeQuantity>(mark.record.detail) == trace::NodeQuantity::Partition;
    if (about && (mark.record.node == a || mark.record.node == b)) since = mark.sequence;
  }
  return since;
}

SimTime disturbedAt(const FactBook &facts, Sequence disturbance) {
  for (const DisturbanceMark &mark : facts.disturbances())
    if (mark.sequence == disturbance) return mark.record.at;
  return {};
}

/// The links that are cut at the record, each with the record that cut it.
std::map<std::uint32_t, Sequence> cutLinks(const FactBook &facts, Sequence upTo) {
  std::map<std::uint32_t, Sequence> cut;
  for (const DisturbanceMark &mark : facts.disturbances()) {
    if (mark.sequence > upTo) break;
    if (mark.record.kind != RecordKind::LinkState) continue;
    if (mark.record.detail == 0)
      cut.try_emplace(mark.record.link, mark.sequence);
    else
      cut.erase(mark.record.link);
  }
  return cut;
}

/// What the log of the node that answered says of the write; empty: it keeps none, or had it.
std::string logIgnorance(const FactBook &facts, const std::string &who, std::uint32_t reader,
                         const FactMark &written, const Operation &read) {
  const Knowledge known = knowledgeOf(facts, reader, written);
  const Sequence readEnd = endOf(facts, read);
  if (!known.keepsLog) return {};
  if (known.appended == nullptr) return fmt::format(" {} never got that write.", who);
  if (known.appended->sequence > readEnd)
    return fmt::format(" {} got that write only at {}.", who, timeText(known.appended->at));
  if (known.applied != nullptr && known.applied->sequence > readEnd)
    return fmt::format(" {} had it in its log by then, but applied it only at {}: it did not know "
                       "yet that it was committed.",
                       who, timeText(known.applied->at));
  if (known.appended->sequence > read.invokeRecord)
    return fmt::format(" {} got that write at {}, while the read was under way.", who,
                       timeText(known.appended->at));
  return {};
}

/// An answer out of the reader's own cache, which was older than the write.
std::string cachedSince(const FactBook &facts, const std::string &who, const Operation &read) {
  const auto kept = cachedAnswer(facts, read);
  if (!kept) return {};
  return fmt::format(" {} had the answer in its own cache since {} and may keep it until {}.", who,
                     timeText(kept->since), timeText(kept->until));
}

/// A cache that let the key go after the write.
std::string evictedSince(const FactBook &facts, const std::string &who, std::uint32_t reader,
                         const Operation &read, const Operation &missed) {
  const auto &told = facts.of(FactTopic::Evicted);
  for (std::size_t i = facts.countUpTo(told, endOf(facts, read)); i-- > 0;) {
    const FactMark &fact = facts.facts()[told[i]];
    if (fact.sequence < missed.invokeRecord) break;
    if (fact.node != reader || facts.text(fact.value) != read.key) continue;
    return fmt::format(" {} had let {} go at {}: {}.", who, read.key, timeText(fact.at),
                       facts.text(fact.detail));
  }
  return {};
}

/// Where a conflict was settled without the write before the read was answered.
std::string settledWithout(const FactBook &facts, const net::Blueprint &network,
                           const FactMark &written, const Operation &read,
                           const Operation &missed) {
  const auto &told = facts.of(FactTopic::Merged);
  for (std::size_t i = facts.countUpTo(told, missed.invokeRecord),
                   end = facts.countUpTo(told, endOf(facts, read));
       i < end; ++i) {
    const FactMark &fact = facts.facts()[told[i]];
    if (facts.text(fact.value) != missed.key) continue;
    const auto merged = cluster::parseMerged(facts.text(fact.detail));
    if (!merged.ok()) continue;
    for (const cluster::LostWrite &lost : merged->lost)
      if (lost.operation == facts.text(written.value))
        return fmt::format(" {} had settled a conflict without that write at {}: {}.",
                           nodeName(network, fact.node), timeText(fact.at), lost.why);
  }
  return {};
}

/// Why the node that answered did not give the write, as a sentence; empty: nobody can say.
std::string ignorance(const FactBook &facts, const net::Blueprint &network, std::uint32_t reader,
                      const Operation &read, const Operation &missed) {
  const FactMark *written = facts.at(missed.invokeRecord);
  if (written == nullptr) return {};
  const std::string who = nodeName(network, reader);
  std::string why = logIgnorance(facts, who, reader, *written, read);
  if (why.empty()) why = cachedSince(facts, who, read);
  if (why.empty()) why = evictedSince(facts, who, reader, read, missed);
  if (why.empty()) why = settledWithout(facts, network, *written, read, missed);
  const auto of = operationOf(facts.text(written->detail));
  if (!why.empty() || !of) return why;
  for (const auto &[member, told] : facts.byNode(FactTopic::Ring))
    if (member.node == reader && facts.text(member.service) == of->service)
      return fmt::format(" None of the replicas whose answers {} waited for had that write.", who);
  return {};
}

/// Gathers the steps of a story.
class MissTeller {
public:
  MissTeller(const trace::Trace &trace, const net::Blueprint &network, const FactBook &facts)
      : m_trace(trace), m_network(network), m_facts(facts), m_teller(trace, network) {}

  std::vector<WhyStep> tell(const Operation &read, const Operation &missed, std::size_t stepsMax) {
    m_from = std::min(missed.invokeRecord, read.invokeRecord);
    m_to = endOf(m_facts, read);
    addFact(missed.invokeRecord);
    addFact(missed.returnRecord);
    addFact(read.invokeRecord);
    addFact(read.returnRecord);
    addTries(missed);
    addTries(read);
    if (const FactMark *told = m_facts.at(missed.invokeRecord)) addLogs(*told);
    addDisturbances();
    if (missed.argument) addLostMessages(*missed.argument);
    std::sort(m_steps.begin(), m_steps.end(),
              [](const WhyStep &a, const WhyStep &b) { return a.sequence < b.sequence; });
    if (m_steps.size() > stepsMax) // the read, which ends it, must stay
      m_steps.erase(m_steps.begin() + static_cast<std::ptrdiff_t>(stepsMax / 2),
                    m_steps.end() - static_cast<std::ptrdiff_t>(stepsMax - stepsMax / 2));
    return std::move(m_steps);
  }

private:
  void add(Sequence s, SimTime at, std::string sentence) {
    if (s != 0 && !sentence.empty() && m_told.insert(s).second)
      m_steps.push_back({s, at, std::move(sentence)});
  }
  void addFact(Sequence s) {
    if (const FactMark *fact = m_facts.at(s))
      add(s, fact->at, serviceSentence(m_network, m_facts.textsOf(*fact)));
  }

  void addTries(const Operation &o) {
    const FactMark *told = m_facts.at(o.invokeRecord);
    const auto of = told != nullptr ? operationOf(m_facts.text(told->detail)) : std::nullopt;
    if (!of) return;
    const auto &tries = m_facts.of(FactTopic::Try);
    for (std::size_t i = m_facts.countUpTo(tries, o.invokeRecord);
         i < m_facts.countUpTo(tries, endOf(m_facts, o)); ++i) {
      const FactMark &fact = m_facts.facts()[tries[i]];
      const std::string_view what = m_facts.text(fact.name);
      const bool mine = fact.node == o.node && what != "connected" &&
                        m_facts.text(fact.value) == std::to_string(of->number);
      if (!mine) continue;
      const std::string client = nodeName(m_network, fact.node);
      const std::string_view to = m_facts.text(fact.detail);
      const auto node = nodeNamed(m_network, to);
      const std::string server = node ? nodeName(m_network, *node) : std::string(to);
      if (what == "cached")
        addFact(fact.sequence);
      else
        add(fact.sequence, fact.at,
            what == "answered" ? fmt::format("{} answered {}.", server, client)
                               : fmt::format("{} asked {}.", client, server));
    }
  }

  /// Members that took the write, also after the read: then it came too late.
  void addLogs(const FactMark &told) {
    std::set<std::uint32_t> nodes;
    const auto of = operationOf(m_facts.text(told.detail));
    for (const auto &[who, marks] : m_facts.logs())
      if (of && m_facts.text(who.service) == of->service) nodes.insert(who.node);
    for (const std::uint32_t node : nodes) {
      const Knowledge known = knowledgeOf(m_facts, node, told);
      if (known.appended != nullptr) addFact(known.appended->sequence);
      if (known.applied != nullptr) addFact(known.applied->sequence);
    }
  }

  /// Of the time of the story, and the partition that lay over its beginning.
  void addDisturbances() {
    const auto cut = cutLinks(m_facts, m_to);
    for (const DisturbanceMark &mark : m_facts.disturbances()) {
      const Record &r = mark.record;
      const bool parts =
          r.kind == RecordKind::NodeChanged &&
          static_cast<trace::NodeQuantity>(r.detail) == trace::NodeQuantity::Partition &&
          m_facts.partitionSide(r.node, m_to) != 0 && isFault(r);
      const bool cuts = r.kind == RecordKind::LinkState && cut.contains(r.link) &&
                        cut.at(r.link) == mark.sequence;
      const bool within = mark.sequence > m_from && isFault(r);
      if (mark.sequence < m_to && (parts || cuts || within))
        add(mark.sequence, r.at, changeSentence(m_network, r));
    }
    for (const HealthMark &mark : m_facts.healths())
      if (mark.sequence > m_from && mark.sequence < m_to &&
          mark.health == trace::NodeHealth::Crashed)
        add(mark.sequence, mark.at, nodeName(m_network, mark.node) + " crashed.");
  }

  /// Messages among the members that carried the value and did not arrive.
  void addLostMessages(const std::string &value) {
    constexpr std::size_t lostMax = 6;
    constexpr Sequence lookedMax = 400'000;
    std::size_t lost = 0;
    const Sequence to = std::min(m_to, m_from + lookedMax);
    for (Sequence s = m_from; s <= to && lost < lostMax; ++s) {
      const Record *r = m_trace.record(s);
      if (r == nullptr || r->kind != RecordKind::FrameDropped ||
          isHarmless(static_cast<trace::DropReason>(r->detail)))
        continue;
      const wire::Packet *packet = m_trace.packet(r->packet);
      if (packet == nullptr || !carries(*packet, value)) continue;
      ++lost;
      add(s, r->at, "A message with that write: " + m_teller.sentence(*r, s));
    }
  }
  static bool carries(const wire::Packet &packet, const std::string &value) {
    const auto bytes = packet.payload.view();
    return std::search(bytes.begin(), bytes.end(), value.begin(), value.end(),
                       [](std::uint8_t b, char c) { return b == static_cast<std::uint8_t>(c); }) !=
           bytes.end();
  }

  const trace::Trace &m_trace;
  const net::Blueprint &m_network;
  const FactBook &m_facts;
  Teller m_teller;
  Sequence m_from = 0, m_to = 0;
  std::set<Sequence> m_told;
  std::vector<WhyStep> m_steps;
};

} // namespace

std::optional<std::uint32_t> answeredBy(const FactBook &facts, const net::Blueprint &network,
                                        const Operation &o) {
  const FactMark *source = sourceOf(facts, o);
  if (source == nullptr) return std::nullopt;
  if (facts.text(source->name) == "cached") return source->node;
  return nodeNamed(network, facts.text(source->detail));
}

std::optional<KeptAnswer> cachedAnswer(const FactBook &facts, const Operation &read) {
  const FactMark *source = sourceOf(facts, read);
  if (source == nullptr || facts.text(source->name) != "cached") return {};
  return keptAnswer(facts.text(source->detail));
}

std::string explainMiss(const FactBook &facts, const net::Blueprint &network, const Operation &read,
                        const Operation &missed) {
  std::string text = fmt::format(
      "{} did “{}” at {}. “{}” of {} had been acknowledged at {}, {} before that began.",
      read.process, judge::text(read), timeText(read.invoked), judge::text(missed), missed.process,
      missed.returned ? timeText(*missed.returned) : "an unknown time",
      missed.returned ? durationText(read.invoked - *missed.returned) : "some time");
  const auto reader = answeredBy(facts, network, read), writer = answeredBy(facts, network, missed);
  if (!reader) return text;
  text += writer && *writer != *reader
              ? fmt::format(" {} took the write, {} answered the read.", nodeName(network, *writer),
                            nodeName(network, *reader))
              : fmt::format(" {} answered it.", nodeName(network, *reader));
  const Sequence end = endOf(facts, read);
  text += ignorance(facts, network, *reader, read, missed);
  if (!writer) return text;
  if (const auto since = partedSince(facts, *reader, *writer, end))
    text += fmt::format(" A partition had lain between the two since {}.",
                        timeText(disturbedAt(facts, *since)));
  for (const auto &[link, since] : cutLinks(facts, end))
    text += fmt::format(" The link {} had been cut since {}.", linkName(network, link),
                        timeText(disturbedAt(facts, since)));
  const HealthMark *crash = facts.lastCrash(*reader, end);
  if (crash != nullptr && crash->sequence > missed.invokeRecord)
    text += fmt::format(" {} had crashed at {}, after the write.", nodeName(network, *reader),
                        timeText(crash->at));
  return text;
}

std::vector<WhyStep> missStory(const trace::Trace &trace, const net::Blueprint &network,
                               const FactBook &facts, const Operation &read,
                               const Operation &missed, std::size_t stepsMax) {
  return MissTeller(trace, network, facts).tell(read, missed, stepsMax);
}

} // namespace packetarium::analysis

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/outage_steps.h"

#include "core/analysis/cluster_facts.h"
#include "core/analysis/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::analysis {
namespace {

constexpr std::size_t placeOf(OutagePart part) { return static_cast<std::size_t>(part); }

} // namespace

OutageSteps::OutageSteps(const Chronicle &chronicle, const FactBook &facts,
                         const net::Blueprint &network, SimTime until)
    : m_chronicle(chronicle), m_facts(facts), m_network(network), m_until(until) {
  for (const std::uint32_t i : facts.of(trace::FactTopic::Failover))
    m_told.try_emplace(std::string(facts.text(facts.facts()[i].name)), true);
}

/// A service that nobody names when it fails over may still be served by one that does.
bool OutageSteps::isAbout(const FactMark &fact, std::string_view service) const {
  return m_facts.text(fact.name) == service || m_told.find(service) == m_told.end();
}

OutageSteps::Cut OutageSteps::cutAt(const FactMark &f) const {
  return {true, f.at, f.sequence, serviceSentence(m_network, m_facts.textsOf(f))};
}

OutageSteps::Cut OutageSteps::factCut(std::uint32_t fact) const {
  return cutAt(m_facts.facts()[fact]);
}

std::pair<std::size_t, std::size_t>
OutageSteps::factsWithin(const std::vector<std::uint32_t> &facts, SimTime from, SimTime to) const {
  const auto at = [&](std::uint32_t i) { return m_facts.facts()[i].at; };
  const auto begin = std::lower_bound(facts.begin(), facts.end(), from,
                                      [&](std::uint32_t i, SimTime t) { return at(i) < t; });
  const auto end = std::upper_bound(begin, facts.end(), to,
                                    [&](SimTime t, std::uint32_t i) { return t < at(i); });
  return {static_cast<std::size_t>(begin - facts.begin()),
          static_cast<std::size_t>(end - facts.begin())};
}

/// The stages that led to the answer: from the last record of the furthest stage backwards the last
/// of each stage before it, and the first suspicion.
void OutageSteps::failoverCuts(Cuts &cuts, const Outage &outage, SimTime upTo) const {
  const auto &all = m_facts.of(trace::FactTopic::Failover);
  const auto [begin, end] = factsWithin(all, outage.from, upTo);
  const auto stageAt = [&](std::size_t i) -> std::optional<trace::FailoverStage> {
    const FactMark &fact = m_facts.facts()[all[i]];
    if (!isAbout(fact, outage.service)) return std::nullopt;
    return failoverStage(m_facts.text(fact.value));
  };
  std::optional<trace::FailoverStage> furthest;
  std::size_t last = begin;
  for (std::size_t i = begin; i < end; ++i)
    if (const auto stage = stageAt(i); stage && (!furthest || *stage >= *furthest)) {
      furthest = stage;
      last = i;
    }
  if (!furthest) return;
  auto wanted = *furthest;
  for (std::size_t i = last + 1; i-- > begin;) {
    const auto stage = stageAt(i);
    if (!stage || *stage > wanted) continue;
    Cut &cut = cuts[placeOf(OutagePart::Detect) + static_cast<std::size_t>(*stage)];
    if (cut.known && *stage != trace::FailoverStage::Suspected) continue;
    cut = factCut(all[i]);
    wanted = *stage;
  }
}

/// Where nobody took over: what was broken works again.
OutageSteps::Cut OutageSteps::repairCut(const Outage &outage, SimTime upTo) const {
  if (!outage.fault) return {};
  const auto &changes = m_chronicle.changes();
  auto it = std::lower_bound(changes.begin(), changes.end(), *outage.fault,
                             [](const ChangeMark &c, trace::Sequence s) { return c.sequence < s; });
  if (it == changes.end()) return {};
  const trace::Record &broken = it->record;
  Cut cut;
  for (++it; it != changes.end() && it->record.at <= upTo; ++it) {
    const trace::Record &r = it->record;
    if (isFault(r) || r.kind != broken.kind || r.node != broken.node || r.link != broken.link)
      continue;
    cut = {true, r.at, it->sequence, changeSentence(m_network, r)};
  }
  return cut;
}

void OutageSteps::tell(Outage &outage, const RequestMark &firstFailed,
                       const RequestMark *answer) const {
  Cuts cuts;
  cuts[placeOf(OutagePart::Unnoticed)] = {
      true, firstFailed.startedAt, firstFailed.started,
      fmt::format("{} sent the first request that failed.", nodeName(m_network, firstFailed.node))};
  Way way;
  if (answer != nullptr) {
    way = wayOf(*answer);
    cuts[placeOf(OutagePart::Reconnect)] = connectedCut(way);
    cuts[placeOf(OutagePart::Retry)] = {true, answer->endedAt, answer->ended,
                                        fmt::format("{} got the first timely answer, after {}.",
                                                    nodeName(m_network, answer->node),
                                                    durationText(answer->latency))};
  }
  const Cut &connected = cuts[placeOf(OutagePart::Reconnect)];
  const SimTime upTo = std::min(m_until, connected.known ? connected.at : outage.to);
  failoverCuts(cuts, outage, upTo);
  Cut &active = cuts[placeOf(OutagePart::TakeOver)];
  if (!active.known && !cuts[placeOf(OutagePart::Redirect)].known) active = repairCut(outage, upTo);
  if (answer != nullptr) redirectCut(cuts, firstFailed, *answer, way);

  // While it lasts, the part after the last one known to be over goes on.
  std::size_t last = placeOf(OutagePart::Retry);
  if (outage.open) {
    while (!cuts[last].known) --last; // the first is always known
    if (last + 1 < cuts.size()) cuts[++last].at = outage.to;
  }
  SimTime at = outage.from;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const bool ends = cuts[i].known || (outage.open && i == last);
    const SimTime to = ends ? std::clamp(cuts[i].at, at, outage.to) : at;
    outage.steps.push_back(
        {static_cast<OutagePart>(i), at, to, cuts[i].record, std::move(cuts[i].text)});
    at = to;
  }
}

} // namespace packetarium::analysis

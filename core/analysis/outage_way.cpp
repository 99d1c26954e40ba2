// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/names.h"
#include "core/analysis/outage_steps.h"
#include "core/analysis/try_ends.h"

#include <fmt/format.h>

/// How the request that was answered first had found its way: by which address, through which
/// balancer.
namespace packetarium::analysis {

OutageSteps::Way OutageSteps::wayOf(const RequestMark &answer) const {
  Way way;
  const auto &all = m_facts.of(trace::FactTopic::Try);
  const auto [begin, end] = factsWithin(all, answer.startedAt, answer.endedAt);
  const std::string number = std::to_string(answer.number);
  for (std::size_t i = begin; i < end; ++i) {
    const FactMark &fact = m_facts.facts()[all[i]];
    if (fact.node != answer.node || m_facts.text(fact.value) != number ||
        fact.sequence < answer.started || fact.sequence > answer.ended)
      continue;
    const std::string_view what = m_facts.text(fact.name);
    if (what == "named") way.named = &fact;
    if (what == "sent") way.sent = &fact;
    if (what == "connected") way.connected = &fact;
  }
  if (way.connected != nullptr) wayBehind(way, answer);
  return way;
}

/// From the end backwards, as long as it is the same server: a client may ask it several times for
/// one request (it logs in), and may have been led to another one before.
void OutageSteps::wayBehind(Way &way, const RequestMark &answer) const {
  const std::string_view own = tryEnds(m_facts.text(way.connected->detail)).own;
  if (own.empty()) return;
  const auto &all = m_facts.of(trace::FactTopic::Try);
  const auto [begin, end] = factsWithin(all, answer.startedAt, answer.endedAt);
  for (std::size_t i = end; i-- > begin;) {
    const FactMark &fact = m_facts.facts()[all[i]];
    if (m_facts.text(fact.value) != own || fact.sequence > answer.ended) continue;
    if (fact.sequence < answer.started) break;
    if (way.led != nullptr && fact.detail != way.led->detail) break;
    if (m_facts.text(fact.name) == "joined" && (way.led == nullptr || way.joined == nullptr))
      way.joined = &fact;
    if (m_facts.text(fact.name) == "led") way.led = &fact;
  }
  if (way.led == nullptr || (way.joined != nullptr && way.joined->detail != way.led->detail))
    way.joined = nullptr;
}

/// With the server itself where a balancer stands before it; over a connection that the balancer
/// kept the request went on at once.
OutageSteps::Cut OutageSteps::connectedCut(const Way &way) const {
  if (way.joined != nullptr) return cutAt(*way.joined);
  if (way.led != nullptr) return cutAt(*way.led);
  return way.connected != nullptr ? cutAt(*way.connected) : Cut{};
}

/// The client that failed first was answered at an address that it had not tried then.
bool OutageSteps::turnedElsewhere(const RequestMark &firstFailed, const RequestMark &answer,
                                  const Way &way) const {
  if (way.sent == nullptr || firstFailed.node != answer.node) return false;
  const auto &all = m_facts.of(trace::FactTopic::Try);
  const auto [begin, end] = factsWithin(all, firstFailed.startedAt, firstFailed.endedAt);
  const std::string number = std::to_string(firstFailed.number);
  bool tried = false;
  for (std::size_t i = begin; i < end; ++i) {
    const FactMark &fact = m_facts.facts()[all[i]];
    if (fact.node != firstFailed.node || m_facts.text(fact.value) != number ||
        m_facts.text(fact.name) != "sent")
      continue;
    if (fact.detail == way.sent->detail) return false;
    tried = true;
  }
  return tried;
}

/// Whoever leads clients elsewhere has told so (a Reachable fact); but a client that remembers an
/// old address follows only when it asks for the name anew, or turns to the next one itself. Where
/// nothing is told, a balancer's choice for this request leads it there.
void OutageSteps::redirectCut(Cuts &cuts, const RequestMark &firstFailed, const RequestMark &answer,
                              const Way &way) const {
  Cut &redirect = cuts[static_cast<std::size_t>(OutagePart::Redirect)];
  if (turnedElsewhere(firstFailed, answer, way)) {
    const std::string to(m_facts.text(way.sent->detail));
    redirect = cutAt(way.named != nullptr ? *way.named : *way.sent);
    if (way.named != nullptr)
      redirect.text =
          fmt::format("{} asked for {} anew, and was led to {}.", nodeName(m_network, answer.node),
                      m_facts.text(way.named->detail), to);
  } else if (!redirect.known && way.led != nullptr) {
    redirect = cutAt(*way.led);
  }
}

} // namespace packetarium::analysis

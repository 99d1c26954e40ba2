// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/outages.h"

#include "core/analysis/cluster_facts.h"
#include "core/analysis/metrics.h"
#include "core/analysis/names.h"
#include "core/analysis/outage_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

namespace packetarium::analysis {
namespace {

/// The requests of one service that have ended, arranged for the questions that outages ask.
class ServiceRequests {
public:
  void take(const RequestMark &r) {
    (r.outcome == trace::RequestOutcome::Ok ? m_answered : m_failed).push_back(&r);
  }
  void arrange() {
    m_byEnd = m_answered;
    std::stable_sort(m_byEnd.begin(), m_byEnd.end(),
                     [](const auto *a, const auto *b) { return a->ended < b->ended; });
    trace::Sequence latest = 0;
    for (const RequestMark *r : m_byEnd)
      m_latestStart.push_back(latest = std::max(latest, r->started));
    m_earliestEnd.resize(m_answered.size());
    const RequestMark *earliest = nullptr;
    for (std::size_t i = m_answered.size(); i-- > 0; m_earliestEnd[i] = earliest)
      if (earliest == nullptr || m_answered[i]->ended < earliest->ended) earliest = m_answered[i];
  }
  /// In order of sending.
  const std::vector<const RequestMark *> &failed() const { return m_failed; }
  /// Of the requests answered in time before the record, the latest one's RequestStarted; 0: none.
  trace::Sequence lastGoodBefore(trace::Sequence record) const {
    const auto after =
        std::upper_bound(m_byEnd.begin(), m_byEnd.end(), record,
                         [](trace::Sequence s, const auto *r) { return s < r->ended; });
    return after == m_byEnd.begin()
               ? 0
               : m_latestStart[static_cast<std::size_t>(after - m_byEnd.begin()) - 1];
  }
  /// The first timely answer to a request sent after the record; null: none.
  const RequestMark *firstAnswerAfter(trace::Sequence record) const {
    const auto from =
        std::upper_bound(m_answered.begin(), m_answered.end(), record,
                         [](trace::Sequence s, const auto *r) { return s < r->started; });
    return from == m_answered.end()
               ? nullptr
               : m_earliestEnd[static_cast<std::size_t>(from - m_answered.begin())];
  }

private:
  std::vector<const RequestMark *> m_answered, m_failed, m_byEnd;
  std::vector<trace::Sequence> m_latestStart;     ///< by place in m_byEnd: of all up to it
  std::vector<const RequestMark *> m_earliestEnd; ///< by place in m_answered: of all from it on
};

class OutageFinder {
public:
  OutageFinder(const Chronicle &chronicle, const FactBook &facts, const net::Blueprint &network,
               SimTime until, Duration least)
      : m_steps(chronicle, facts, network, until),
        m_network(network),
        m_until(until),
        m_least(least) {
    for (const ChangeMark &c : chronicle.changes())
      if (c.record.at <= until) m_changes.push_back(&c);
  }

  void find(const std::string &service, const ServiceRequests &requests,
            std::vector<Outage> &out) const {
    SimTime free; // outages of one service do not overlap
    for (const RequestMark *failed : requests.failed()) {
      if (failed->startedAt < free) continue;
      Outage outage;
      outage.service = service;
      const ChangeMark *fault = faultOf(*failed, requests.lastGoodBefore(failed->started));
      tellBeginning(outage, *failed, fault, free);
      const RequestMark *answer = requests.firstAnswerAfter(
          fault != nullptr ? std::min(fault->sequence, failed->ended) : failed->started);
      outage.open = answer == nullptr;
      outage.to = std::max(outage.from, answer != nullptr ? answer->endedAt : m_until);
      outage.answered = answer != nullptr ? answer->ended : 0;
      count(outage, requests, *failed);
      if (!counts(outage, *failed)) continue;
      free = outage.open ? SimTime::max() : outage.to;
      m_steps.tell(outage, *failed, answer);
      out.push_back(std::move(outage));
    }
  }

private:
  /// The last fault between the last sign that the service was well and the request; else the first
  /// one while the request was under way; else whatever else changed.
  const ChangeMark *faultOf(const RequestMark &failed, trace::Sequence lastGood) const {
    const auto between = [&](trace::Sequence after, trace::Sequence upTo, bool last,
                             bool faultsOnly) -> const ChangeMark * {
      const ChangeMark *found = nullptr;
      auto it = std::upper_bound(m_changes.begin(), m_changes.end(), after,
                                 [](trace::Sequence s, const auto *c) { return s < c->sequence; });
      for (; it != m_changes.end() && (*it)->sequence <= upTo; ++it) {
        if (faultsOnly && !isFault((*it)->record)) continue;
        found = *it;
        if (!last) break;
      }
      return found;
    };
    for (const bool faultsOnly : {true, false}) {
      if (const auto *c = between(lastGood, failed.started, true, faultsOnly)) return c;
      if (const auto *c = between(failed.started, failed.ended, false, faultsOnly)) return c;
    }
    return nullptr;
  }

  void tellBeginning(Outage &outage, const RequestMark &failed, const ChangeMark *fault,
                     SimTime free) const {
    outage.firstFailed = failed.started;
    outage.from = failed.startedAt;
    outage.cause = "no fault before it";
    if (fault == nullptr) return;
    outage.from = std::max(fault->record.at, free);
    outage.fault = fault->sequence;
    outage.cause = changeWords(m_network, fault->record);
  }

  /// Failed requests that were under way in the outage.
  static void count(Outage &outage, const ServiceRequests &requests, const RequestMark &first) {
    for (auto it =
             std::lower_bound(requests.failed().begin(), requests.failed().end(), first.started,
                              [](const auto *r, trace::Sequence s) { return r->started < s; });
         it != requests.failed().end() && (*it)->startedAt < outage.to; ++it)
      ++outage.failedRequests;
    outage.failedRequests = std::max<std::uint64_t>(1, outage.failedRequests);
  }

  /// Without anything that happened, requests that fail beside others that are answered make a
  /// service degraded, not down, unless it lasts as long as the time that health is judged by.
  bool counts(const Outage &outage, const RequestMark &failed) const {
    constexpr Duration judged = Duration::seconds(1);
    if (outage.length() < m_least) return false;
    return outage.fault ||
           (outage.length() >= judged && outage.failedRequests > 1 && failed.endedAt <= outage.to);
  }

  OutageSteps m_steps;
  const net::Blueprint &m_network;
  SimTime m_until;
  Duration m_least;
  std::vector<const ChangeMark *> m_changes;
};

} // namespace

std::string_view name(OutagePart part) {
  static constexpr std::array<std::string_view, outageParts> names = {
      "unnoticed", "detect", "decide", "take over", "redirect", "reconnect", "retry"};
  return names[static_cast<std::size_t>(part)];
}

std::string_view sentence(OutagePart part) {
  switch (part) {
  case OutagePart::Unnoticed: return "It was broken, but no client asked for anything yet.";
  case OutagePart::Detect: return "Requests fail, and nobody in the cluster has noticed.";
  case OutagePart::Decide: return "Somebody is suspected; it is being settled who takes over.";
  case OutagePart::TakeOver: return "The one that takes over gets ready to serve.";
  case OutagePart::Redirect:
    return "It serves; ARP, DNS or a balancer leads clients there, once the addresses that they "
           "remember have expired.";
  case OutagePart::Reconnect: return "Clients are led to it, and make their connections anew.";
  case OutagePart::Retry: return "The request is asked again, and the answer is on its way.";
  }
  return {};
}

std::vector<Outage> outages(const Chronicle &chronicle, const FactBook &facts,
                            const net::Blueprint &network, SimTime until, Duration least) {
  std::map<std::string, ServiceRequests> services;
  std::map<std::uint32_t, ServiceRequests *> byIndex;
  for (const RequestMark &r : chronicle.requests()) {
    if (r.startedAt > until) break;
    if (r.service == 0 || r.open() || r.endedAt > until) continue;
    ServiceRequests *&requests = byIndex[r.service];
    if (requests == nullptr) requests = &services[std::string(chronicle.text(r.service))];
    requests->take(r);
  }
  const OutageFinder finder(chronicle, facts, network, until, least);
  std::vector<Outage> out;
  for (auto &[service, requests] : services) {
    requests.arrange();
    finder.find(service, requests, out);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Outage &a, const Outage &b) { return a.from < b.from; });
  return out;
}

std::string outagesCsv(const std::vector<Outage> &list) {
  std::string out = "service,part,from_ns,to_ns,length_ns,text\n";
  for (const Outage &outage : list)
    for (const OutageStep &step : outage.steps)
      fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{}\n", csvField(outage.service),
                     name(step.part), step.from.ns(), step.to.ns(), (step.to - step.from).ns(),
                     csvField(step.text));
  return out;
}

} // namespace packetarium::analysis

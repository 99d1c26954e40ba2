// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "core/scenario/build.h"
#include "core/session/runner.h"
#include "core/trace/chunk.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace packetarium::analysis::fixture {

/// A built-in scenario that has been run, with all chunks in memory.
struct Run {
  scenario::Scenario document;
  scenario::BuiltScenario built;
  trace::Trace trace;
  Chronicle chronicle;

  const net::Blueprint &network() const { return built.plan->network; }
  std::shared_ptr<const net::Blueprint> sharedNetwork() const {
    return {built.plan, &built.plan->network};
  }
  /// Every record with its sequence, from the first.
  template <class Visit> void forEach(Visit visit) const {
    for (const auto &slot : trace.slots())
      for (std::size_t i = 0; i < slot.chunk->records.size(); ++i)
        visit(slot.chunk->records[i], slot.summary.first + i);
  }
  trace::Sequence find(auto match) const {
    trace::Sequence found = 0;
    forEach([&](const trace::Record &r, trace::Sequence s) {
      if (found == 0 && match(r)) found = s;
    });
    return found;
  }
};

/// Runs a document. eventsPerChunk: close chunks early, to have many small ones.
inline Run runDocument(scenario::Scenario document, SimTime until, std::uint64_t eventsPerChunk = 0,
                       world::Script extra = {}) {
  Run out;
  out.document = std::move(document);
  auto built = scenario::build(out.document);
  if (!built.ok()) throw std::runtime_error(built.faults().front().text());
  out.built = std::move(built).value();
  world::Script script = out.built.script;
  script.insert(script.end(), extra.begin(), extra.end());
  std::stable_sort(script.begin(), script.end(),
                   [](const auto &a, const auto &b) { return a.at < b.at; });
  session::Runner runner(out.built.plan, script, until);
  while (!runner.ended()) {
    runner.advance(until, eventsPerChunk != 0 ? eventsPerChunk : 1'000'000);
    if (eventsPerChunk != 0) runner.flush();
    for (auto &chunk : runner.takeChunks()) out.trace.insert(std::move(chunk));
    if (runner.knownUntil() >= until) break;
  }
  runner.flush();
  for (auto &chunk : runner.takeChunks()) out.trace.insert(std::move(chunk));
  out.trace.setKnownUntil(until);
  out.chronicle.extend(out.trace);
  return out;
}

/// Runs a built-in scenario with settings ("links.l1.loss=0.1").
inline Run run(const std::string &id, SimTime until, std::uint64_t eventsPerChunk = 0,
               const std::vector<std::string> &settings = {}, world::Script extra = {}) {
  auto loaded = scenario::loadBuiltIn(id);
  if (!loaded.ok()) throw std::runtime_error(loaded.faults().front().text());
  scenario::Scenario document = std::move(loaded).value();
  for (const std::string &s : settings)
    if (const auto done = scenario::applySetting(document, s); !done.ok())
      throw std::runtime_error(done.faults().front().text());
  return runDocument(std::move(document), until, eventsPerChunk, std::move(extra));
}

/// All it has in it: names, ARP, NAT, TCP, HTTP.
inline const Run &webRequest() {
  static const Run r = run("web-request", SimTime::fromNs(5'000'000'000), 20);
  return r;
}
/// Losses and retransmissions.
inline const Run &lossyLink() {
  static const Run r = run("lossy-link", SimTime::fromNs(8'000'000'000));
  return r;
}
/// Queues, drops and many packets in flight.
inline const Run &busyBottleneck() {
  static const Run r = run("busy-bottleneck", SimTime::fromNs(6'000'000'000));
  return r;
}
/// A cut cable.
inline const Run &twoPaths() {
  static const Run r = run("two-paths", SimTime::fromNs(20'000'000'000), 200);
  return r;
}

} // namespace packetarium::analysis::fixture

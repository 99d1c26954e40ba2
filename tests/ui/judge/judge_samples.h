// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/experiments/cap_dial.h"
#include "ui/judge/judgement.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

/// Values made by hand, as the judges would give them.
namespace packetarium::ui {

inline SimTime judgeMs(double ms) { return SimTime::fromNs(std::llround(ms * 1e6)); }

/// Makes a history in which each invocation and return is a record of its own.
class HistoryMaker {
public:
  std::size_t add(std::string process, judge::OperationKind kind, std::string key,
                  judge::Value value, double fromMs, double toMs,
                  judge::Outcome outcome = judge::Outcome::Ok) {
    judge::Operation o;
    o.process = std::move(process);
    o.key = std::move(key);
    o.kind = kind;
    o.outcome = outcome;
    if (kind == judge::OperationKind::Read) {
      o.result = std::move(value);
      o.resultKnown = outcome == judge::Outcome::Ok;
    } else {
      o.argument = std::move(value);
    }
    o.invoked = judgeMs(fromMs);
    o.invokeOrder = m_history.operations.size() * 2;
    o.invokeRecord = static_cast<std::uint64_t>(fromMs) + 1;
    if (toMs > 0) {
      o.returned = judgeMs(toMs);
      o.returnOrder = o.invokeOrder + 1;
      o.returnRecord = static_cast<std::uint64_t>(toMs) + 1;
    }
    m_history.operations.push_back(std::move(o));
    return m_history.operations.size() - 1;
  }
  judge::History take() { return std::move(m_history); }

private:
  judge::History m_history;
};

inline analysis::Light lightOf(std::string title, judge::Verdict verdict,
                               trace::Sequence record = 0) {
  analysis::Light light;
  light.service = "store";
  light.title = std::move(title);
  light.promise = "A sentence that says what it promises.";
  light.verdict = verdict;
  light.record = record;
  light.since = judgeMs(static_cast<double>(record));
  if (verdict == judge::Verdict::False) light.why = "Client b read 17 after 18 was acknowledged.";
  return light;
}

/// Client a writes the cart, client b reads a value that was replaced; client c is in doubt.
inline ServiceJudgement cartStore() {
  using Kind = judge::OperationKind;
  HistoryMaker h;
  h.add("a", Kind::Write, "cart", "17", 100, 140);                       // 0
  h.add("b", Kind::Read, "cart", "17", 150, 170);                        // 1
  h.add("a", Kind::Write, "cart", "18", 200, 260);                       // 2
  h.add("c", Kind::Write, "list", "x", 230, 0, judge::Outcome::Info);    // 3
  h.add("b", Kind::Read, "cart", "17", 300, 330);                        // 4: stale
  h.add("a", Kind::Write, "cart", "19", 320, 420, judge::Outcome::Fail); // 5
  h.add("b", Kind::Read, "cart", "18", 430, 460);                        // 6
  ServiceJudgement judged;
  judged.service = "store";
  judged.history = h.take();
  for (const std::size_t read : {1U, 4U, 6U}) {
    analysis::ReadMark mark;
    mark.operation = read;
    mark.freshness = analysis::Freshness::Fresh;
    if (read == 4) {
      mark.freshness = analysis::Freshness::Stale;
      mark.staleBy = Duration::ms(40);
      mark.versionsBehind = 1;
      mark.missed = 2;
      mark.why = "It gave 17, which 18 had replaced 40 ms before.";
    }
    judged.marks.push_back(std::move(mark));
  }
  judge::KeyVerdict cart;
  cart.key = "cart";
  cart.verdict = judge::Verdict::False;
  cart.operations = 6;
  cart.order = {0, 1, 2};
  cart.offending = 4;
  cart.why = "No order explains it.";
  judge::KeyVerdict list;
  list.key = "list";
  list.verdict = judge::Verdict::True;
  list.operations = 1;
  judged.linearizability.keys = {cart, list};
  judged.linearizability.verdict = judge::Verdict::False;
  judged.linearizability.offending = 4;
  for (const char *title : {"Sequential", "Causal", "Read your writes", "Monotonic reads",
                            "Monotonic writes", "Writes follow reads"})
    judged.lights.push_back(lightOf(title, judge::Verdict::True));
  judged.lights.insert(judged.lights.begin(), lightOf("Linearizable", judge::Verdict::False, 331));
  judged.lights.front().offending = 4;
  judged.lights.front().against = {261};
  judged.lights.push_back(lightOf("Converged", judge::Verdict::Unknown));
  judged.lights.push_back(lightOf("No write lost", judge::Verdict::True));
  for (const char *title :
       {"Election safety", "Log matching", "Leader completeness", "State machine safety"})
    judged.lights.push_back(lightOf(title, judge::Verdict::True));
  return judged;
}

inline Judgement cartJudgement() {
  Judgement judgement;
  judgement.services.push_back(cartStore());
  judgement.upTo = 500;
  return judgement;
}

/// Many operations of a few clients, one after another.
inline ServiceJudgement busyStore(std::size_t operations, std::size_t clients = 3) {
  HistoryMaker h;
  for (std::size_t i = 0; i < operations; ++i) {
    const double at = static_cast<double>(i) * 4;
    h.add("client-" + std::to_string(i % clients),
          i % 3 == 0 ? judge::OperationKind::Write : judge::OperationKind::Read, "k",
          std::to_string(i / 3 * 3), at, at + 3);
  }
  ServiceJudgement judged;
  judged.service = "busy";
  judged.history = h.take();
  judge::KeyVerdict all;
  all.key = "k";
  all.verdict = judge::Verdict::True;
  for (std::size_t i = 0; i < operations; ++i) all.order.push_back(i);
  judged.linearizability.keys = {all};
  judged.linearizability.verdict = judge::Verdict::True;
  return judged;
}

/// A partition from 10 s to 20 s of 30, with three designs.
inline std::vector<experiments::DialRow> dialRows() {
  using namespace experiments;
  const auto side = [](std::string name, std::uint64_t all, std::uint64_t ok, std::uint64_t refused,
                       std::uint64_t timedOut, std::uint64_t stale) {
    SideFigures f;
    f.side = std::move(name);
    f.operations = all;
    f.ok = ok;
    f.refused = refused;
    f.timedOut = timedOut;
    f.staleReads = stale;
    f.readP50 = Duration::us(10'400);
    f.readP99 = Duration::us(31'000);
    f.writeP50 = Duration::us(22'300);
    f.writeP99 = Duration::us(61'900);
    return f;
  };
  const auto at = [](std::int64_t s) { return SimTime::fromNs(s * 1'000'000'000); };
  std::vector<DialRow> rows;
  const auto add = [&](Design design, std::vector<SideFigures> during, std::uint64_t conflicts,
                       std::uint64_t lost, Duration converged, const char *linearizable,
                       std::vector<Spell> spells) {
    DialRow row;
    row.design = design;
    row.partitioned = true;
    row.during = std::move(during);
    row.whole = side("all", 1200, 1100, 90, 10, 5);
    row.conflicts = conflicts;
    row.lostWrites = lost;
    row.converged = converged;
    row.linearizable = linearizable;
    row.spells = std::move(spells);
    row.spells.insert(row.spells.begin(), {at(10), at(20), "partition", "all"});
    rows.push_back(row);
    DialRow calm;
    calm.design = design;
    calm.whole = side("all", 1200, 1200, 0, 0, 0);
    calm.linearizable = design == Design::Raft ? "true" : linearizable;
    rows.push_back(calm);
  };
  add(Design::Raft, {side("side 1", 320, 318, 0, 2, 0), side("side 2", 150, 0, 120, 30, 0)}, 0, 0,
      Duration::ms(420), "true", {{at(10), at(21), "refused", "side 2"}});
  add(Design::Quorum, {side("side 1", 320, 320, 0, 0, 4), side("side 2", 150, 150, 0, 0, 31)}, 12,
      0, Duration::ms(1800), "false",
      {{at(11), at(20), "stale", "side 2"},
       {at(15), at(16), "conflict", "side 2"},
       {at(20), at(22), "converging", "all"}});
  add(Design::AsyncPrimary, {side("side 1", 320, 320, 0, 0, 0), side("side 2", 150, 92, 58, 0, 70)},
      0, 3, Duration::ns(-1), "false",
      {{at(10), at(20), "stale", "side 2"}, {at(12), at(20), "refused", "side 2"}});
  return rows;
}

} // namespace packetarium::ui

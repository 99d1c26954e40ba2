// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/explain.h"
#include "core/analysis/judgement.h"
#include "core/base/random.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/core/analysis/trace_builder.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

#include <map>
#include <set>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::TraceBuilder;
using judge::History;
using judge::Operation;
using judge::OperationKind;
using judge::Outcome;
using trace::FactTopic;

namespace {

SimTime at(std::int64_t ms) { return SimTime::zero() + Duration::ms(ms); }

/// Tells operations of clients as a run does.
class Told {
public:
  void invoke(std::int64_t ms, const std::string &process, int number, const std::string &text,
              const std::string &service = "store") {
    fact(ms, "invoke", text, process, number, service);
  }
  void end(std::int64_t ms, const std::string &how, const std::string &process, int number,
           const std::string &text, const std::string &service = "store") {
    fact(ms, how, text, process, number, service);
  }
  FactBook facts() {
    FactBook book;
    book.extend(m_builder.take());
    return book;
  }

private:
  void fact(std::int64_t ms, const std::string &name, const std::string &text,
            const std::string &process, int number, const std::string &service) {
    m_builder.fact(at(ms), 0, FactTopic::Operation, name, text,
                   fmt::format("{} {} {}", process, number, service));
  }
  TraceBuilder m_builder;
};

/// Operations record by record, with nothing but the trace: one line each as "process text outcome
/// invoked returned".
std::vector<std::string> naiveLines(const fixture::Run &run) {
  struct Line {
    std::string process, text, outcome = "open";
    std::int64_t from = 0, to = -1;
  };
  std::vector<Line> lines;
  std::map<std::string, std::size_t> byDetail;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.kind != trace::RecordKind::Fact ||
        static_cast<FactTopic>(r.detail) != FactTopic::Operation)
      return;
    const std::string name(run.trace.text(s, r.args[1])), value(run.trace.text(s, r.args[2]));
    const std::string detail(run.trace.text(s, r.args[3]));
    if (name == "invoke") {
      byDetail[detail] = lines.size();
      lines.push_back({detail.substr(0, detail.find(' ')), value, "open", r.at.ns(), -1});
      return;
    }
    Line &line = lines[byDetail.at(detail)];
    line.outcome = name;
    line.to = r.at.ns();
    if (value.starts_with("read")) line.text = value;
  });
  std::vector<std::string> out;
  for (const Line &l : lines)
    out.push_back(fmt::format("{} {} {} {} {}", l.process, l.text, l.outcome, l.from, l.to));
  return out;
}

std::vector<std::string> linesOf(const History &history) {
  std::vector<std::string> out;
  const auto word = [](const judge::Value &v) { return v ? *v : std::string("-"); };
  for (const Operation &o : history.operations) {
    std::string text = fmt::format("{} {}", judge::name(o.kind), o.key);
    if (o.kind == OperationKind::Read)
      text += " " + word(o.result);
    else if (o.kind == OperationKind::Cas)
      text += fmt::format(" {} {}", word(o.expected), word(o.argument));
    else
      text += " " + word(o.argument);
    const bool open = !o.returned;
    out.push_back(fmt::format("{} {} {} {} {}", o.process, text,
                              open ? "open" : judge::name(o.outcome), o.invoked.ns(),
                              open ? -1 : o.returned->ns()));
  }
  return out;
}

/// What a read missed, straight from the definition, each pair of operations looked at.
struct NaiveMark {
  Freshness freshness = Freshness::Unknown;
  std::size_t behind = 0;
  Duration staleBy;
};
NaiveMark naiveMark(const History &h, const Operation &read) {
  NaiveMark mark;
  if (read.outcome == Outcome::Fail) return {Freshness::Refused, 0, {}};
  if (read.outcome != Outcome::Ok) return mark;
  const auto lies = [](const Operation &a, const Operation &b) {
    return a.returnOrder < b.invokeOrder;
  };
  std::vector<const Operation *> seen; // writes that it may have seen
  for (const Operation &w : h.operations)
    if (w.key == read.key && w.changes() && w.outcome != Outcome::Fail &&
        w.argument == read.result && w.invokeOrder < read.returnOrder)
      seen.push_back(&w);
  if (read.result && seen.empty()) return mark;
  std::optional<NaiveMark> best;
  const auto consider = [&](const Operation *w) {
    NaiveMark m{Freshness::Fresh, 0, {}};
    for (const Operation &other : h.operations) {
      const bool missed = other.key == read.key && other.changes() &&
                          other.outcome == Outcome::Ok && lies(other, read) &&
                          (w == nullptr || lies(*w, other));
      if (!missed) continue;
      m.freshness = Freshness::Stale;
      ++m.behind;
      m.staleBy = std::max(m.staleBy, read.invoked - *other.returned);
    }
    if (!best || m.behind < best->behind) best = m;
  };
  if (!read.result) consider(nullptr);
  for (const Operation *w : seen) consider(w);
  return *best;
}

History randomHistory(RandomStream &random) {
  Told told;
  struct Process {
    int number = 0;
    std::string text;
    bool busy = false;
  };
  std::vector<Process> processes(4);
  std::map<std::string, std::vector<std::string>> written;
  int next = 0;
  for (int step = 0; step < 60; ++step) {
    const auto p = random.below(processes.size());
    Process &process = processes[p];
    const std::string name = fmt::format("p{}.{}", p, process.number);
    if (process.busy) {
      const auto how = random.below(10);
      std::string text = process.text;
      const std::string key = text.substr(text.find(' ') + 1, 1);
      if (text.starts_with("read") && how < 8) {
        const auto &values = written[key];
        const std::string value =
            values.empty() || random.below(6) == 0 ? "-" : values[random.below(values.size())];
        text = fmt::format("read {} {}", key, value);
      }
      told.end(step, how < 8 ? "ok" : how == 8 ? "fail" : "info", name, process.number, text);
      process.busy = false;
      continue;
    }
    process.number = ++next;
    const std::string key(1, static_cast<char>('a' + random.below(2)));
    // Some values are written more than once.
    const std::string value = fmt::format("{}", random.below(12));
    process.text = random.below(2) == 0 ? fmt::format("read {} -", key)
                                        : fmt::format("write {} {}", key, value);
    if (process.text.starts_with("write")) written[key].push_back(value);
    told.invoke(step, fmt::format("p{}.{}", p, process.number), process.number, process.text);
    process.busy = true;
  }
  return historyOf(told.facts(), "store", ~trace::Sequence{0});
}

} // namespace

TEST_CASE("a history is what the clients of one service told, open ends included") {
  Told told;
  told.invoke(0, "a", 1, "write cart 17");
  told.invoke(1, "b", 1, "read cart -");
  told.invoke(2, "c", 1, "write other 5", "elsewhere");
  told.end(3, "ok", "b", 1, "read cart 17");
  told.end(4, "info", "a", 1, "write cart 17");
  told.invoke(5, "b", 2, "cas cart 17 18");
  told.end(6, "fail", "b", 2, "cas cart 17 18");
  told.invoke(7, "b", 3, "read cart -");
  told.end(8, "ok", "b", 3, "read cart -");
  told.invoke(9, "b", 4, "append list x");
  told.invoke(10, "d", 5, "add views 3");
  told.invoke(11, "d", 6, "read views -");
  const FactBook facts = told.facts();
  const History h = historyOf(facts, "store", facts.seenUpTo());
  REQUIRE(h.operations.size() == 5);
  CHECK(h.operations[0].outcome == Outcome::Info);
  CHECK(h.operations[0].argument == "17");
  CHECK(h.operations[0].returnOrder == Operation::never); // it may take effect at any time
  CHECK(h.operations[0].returned == at(4));
  CHECK(h.operations[1].result == "17");
  CHECK(h.operations[2].kind == OperationKind::Cas);
  CHECK(h.operations[2].expected == "17");
  CHECK(h.operations[2].argument == "18");
  CHECK(h.operations[2].outcome == Outcome::Fail);
  CHECK_FALSE(h.operations[3].result);
  CHECK(h.operations[3].resultKnown);
  CHECK_FALSE(h.operations[4].returned);
  CHECK(h.operations[1].precedes(h.operations[2]));
  CHECK_FALSE(h.operations[0].precedes(h.operations[2]));

  CHECK(storesOf(facts) == std::vector<std::string>{"elsewhere", "store"});
  const History all = historyOf(facts, "", facts.seenUpTo());
  REQUIRE(all.operations.size() == 6);
  CHECK(all.operations[0].key == "store/cart"); // of two services, whose keys may be alike
  CHECK(all.operations[2].key == "elsewhere/other");
  CHECK(historyOf(facts, "store", 1).operations.size() == 1);
}

TEST_CASE("the history of a real run is what its records say one by one, and survives its file") {
  for (const char *id : {"lost-write", "primary-replicas", "cap-dial"}) {
    INFO(id);
    const fixture::Run run = fixture::run(id, at(25'000));
    FactBook facts;
    facts.extend(run.trace);
    const History history = historyOf(facts, "", facts.seenUpTo());
    const auto lines = linesOf(history);
    REQUIRE(lines.size() > 50);
    CHECK(lines == naiveLines(run));
    const auto again = judge::readHistory(judge::writeHistory(history));
    REQUIRE(again.ok());
    CHECK(linesOf(*again) == lines);
  }
}

TEST_CASE("a read is stale when what it gave was overwritten before it began") {
  Told told;
  told.invoke(0, "a", 1, "write x 1");
  told.end(10, "ok", "a", 1, "write x 1");
  told.invoke(20, "a", 2, "write x 2");
  told.end(30, "ok", "a", 2, "write x 2");
  told.invoke(40, "a", 3, "write x 3");
  told.invoke(50, "b", 1, "read x -"); // the third write is under way
  told.end(55, "ok", "b", 1, "read x 2");
  told.end(60, "ok", "a", 3, "write x 3");
  told.invoke(70, "b", 2, "read x -");
  told.end(75, "ok", "b", 2, "read x 1");
  told.invoke(80, "b", 3, "read x -");
  told.end(85, "fail", "b", 3, "read x -");
  told.invoke(90, "b", 4, "read x -");
  told.end(95, "ok", "b", 4, "read x 99");
  told.invoke(100, "b", 5, "read x -");
  told.end(105, "ok", "b", 5, "read x -");
  const History h = historyOf(told.facts(), "store", ~trace::Sequence{0});
  const auto marks = markReads(h);
  REQUIRE(marks.size() == 5);
  CHECK(marks[0].freshness == Freshness::Fresh);
  CHECK(marks[1].freshness == Freshness::Stale);
  CHECK(marks[1].versionsBehind == 2);
  CHECK(marks[1].staleBy == Duration::ms(40)); // the second write was acknowledged at 30 ms
  REQUIRE(marks[1].missed);
  CHECK(h.operations[*marks[1].missed].argument == "3");
  CHECK(marks[2].freshness == Freshness::Refused);
  CHECK(marks[3].freshness == Freshness::Unknown);
  CHECK(marks[4].freshness == Freshness::Stale); // never set, says the store
  CHECK(marks[4].versionsBehind == 3);

  const auto curve = stalenessCurve(h, marks, Duration::ms(25), 3);
  REQUIRE(curve.size() == 3);
  CHECK(curve[0].after == Duration::ms(25));
  CHECK(curve[0].reads == 2); // 20 ms after the second write, 10 ms after the third
  CHECK(curve[0].fresh == 1);
  CHECK(curve[1].reads == 1); // 40 ms after the third
  CHECK(curve[1].fresh == 0);
}

TEST_CASE("a text that grows is stale when a piece is missing that nobody overwrote") {
  Told told;
  told.invoke(0, "a", 1, "append l x");
  told.end(1, "ok", "a", 1, "append l x");
  told.invoke(2, "a", 2, "append l y");
  told.end(3, "ok", "a", 2, "append l y");
  told.invoke(4, "b", 1, "read l -");
  told.end(5, "ok", "b", 1, "read l xy");
  told.invoke(6, "b", 2, "read l -");
  told.end(7, "ok", "b", 2, "read l x");
  told.invoke(8, "a", 3, "write l z");
  told.invoke(9, "b", 3, "read l -");
  told.end(10, "ok", "b", 3, "read l z");
  const auto marks = markReads(historyOf(told.facts(), "store", ~trace::Sequence{0}));
  REQUIRE(marks.size() == 3);
  CHECK(marks[0].freshness == Freshness::Fresh);
  CHECK(marks[1].freshness == Freshness::Stale);
  CHECK(marks[1].versionsBehind == 1);
  CHECK(marks[2].freshness == Freshness::Fresh);
}

TEST_CASE("reads of random histories are marked as each pair of operations says") {
  RandomStream random(11, "judgement", "histories");
  std::size_t stale = 0;
  for (int run = 0; run < 3000; ++run) {
    const History h = randomHistory(random);
    for (const ReadMark &mark : markReads(h)) {
      const NaiveMark naive = naiveMark(h, h.operations[mark.operation]);
      INFO(fmt::format("run {} operation {}", run, mark.operation));
      REQUIRE(mark.freshness == naive.freshness);
      REQUIRE(mark.versionsBehind == naive.behind);
      REQUIRE(mark.staleBy == naive.staleBy);
      stale += mark.freshness == Freshness::Stale ? 1 : 0;
    }
  }
  CHECK(stale > 1000);
}

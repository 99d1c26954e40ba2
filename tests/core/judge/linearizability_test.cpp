// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/linearizability.h"
#include "tests/core/judge/histories.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <cstdlib>

using namespace packetarium;
using namespace packetarium::judge;
using judge::testing::isLegalOrder;
using judge::testing::naiveIsLinearizable;
using judge::testing::randomHistory;
using judge::testing::RandomOptions;
using judge::testing::Told;

namespace {

CheckOptions zeroFirst(Model model = Model::Register) {
  CheckOptions o;
  o.model = model;
  o.initial = "0";
  return o;
}

Verdict verdictOf(const Told &told, const CheckOptions &options = zeroFirst()) {
  return checkLinearizability(told.history(), options).verdict;
}

/// The history as it stood when the event of that number had happened.
History until(const History &history, std::size_t event) {
  History cut;
  for (Operation o : history.operations) {
    if (o.invokeOrder > event) continue;
    if (o.returnOrder > event && o.outcome == Outcome::Ok) {
      o.outcome = Outcome::Info;
      o.returnOrder = Operation::never;
      o.resultKnown = false;
    }
    cut.operations.push_back(o);
  }
  return cut;
}

std::size_t historiesWanted() {
  const char *all = std::getenv("PACKETARIUM_LONG_TESTS");
  return all != nullptr ? 100'000 : 20'000;
}

double secondsOf(const History &history, const CheckOptions &options, Verdict wanted) {
  const auto begin = std::chrono::steady_clock::now();
  CHECK(checkLinearizability(history, options).verdict == wanted);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

TEST_CASE("Reads that overlap a write may see it or not, in the order that fits") {
  Told told;
  const auto w = told.write("c1", "100");
  const auto a = told.read("c2");
  const auto b = told.read("c3");
  told.ok(a, "100");
  told.ok(b, "0");
  told.ok(w);
  CHECK(verdictOf(told) == Verdict::True);
}

TEST_CASE("Once a read gave a new value, a later read may not give the old one") {
  Told told;
  const auto w = told.write("c1", "200");
  told.gave("c2", "200");
  const auto late = told.gave("c3", "0");
  told.ok(w);
  const auto v = checkLinearizability(told.history(), zeroFirst());
  CHECK(v.verdict == Verdict::False);
  CHECK(v.offending == late);
  REQUIRE(v.keys.size() == 1);
  CHECK(v.keys[0].why.find("\"read x → 0\" of process c3") != std::string::npos);
  CHECK(isLegalOrder(told.history(), v.keys[0].order, "0", 2));
}

TEST_CASE("An operation of unknown outcome may take effect long after, or never") {
  Told told;
  told.info(told.write("c1", "1"));
  told.gave("c2", "0");
  CHECK(verdictOf(told) == Verdict::True);
  told.gave("c2", "1");
  CHECK(verdictOf(told) == Verdict::True);
  told.gave("c2", "0"); // but only once
  CHECK(verdictOf(told) == Verdict::False);
}

TEST_CASE("A failed operation did not take effect") {
  Told told;
  told.fail(told.write("c1", "1"));
  told.gave("c2", "0");
  CHECK(verdictOf(told) == Verdict::True);
  told.gave("c2", "1");
  CHECK(verdictOf(told) == Verdict::False);
}

TEST_CASE("A compare-and-set that went well found what it expected") {
  Told told;
  told.ok(told.cas("c1", "0", "5"));
  told.gave("c2", "5");
  CHECK(verdictOf(told, zeroFirst(Model::CasRegister)) == Verdict::True);
  told.ok(told.cas("c1", "0", "6"));
  CHECK(verdictOf(told, zeroFirst(Model::CasRegister)) == Verdict::False);
}

TEST_CASE("A seat sold twice is no legal history") {
  Told told("seat");
  CheckOptions options;
  const auto ann = told.cas("ann", std::nullopt, "ann");
  const auto bob = told.cas("bob", std::nullopt, "bob");
  told.ok(ann);
  told.ok(bob);
  const auto v = checkLinearizability(told.history(), options);
  CHECK(v.verdict == Verdict::False);
  CHECK(v.offending == bob);
  CHECK(v.keys[0].order == std::vector<std::size_t>{ann});
}

TEST_CASE("Texts grow by what is appended; one never set is empty") {
  CheckOptions options;
  options.model = Model::Kv;
  Told told;
  told.gave("c1", std::nullopt);
  told.gave("c1", "");
  const auto a = told.append("c1", "a");
  const auto b = told.append("c2", "b");
  told.ok(a);
  told.ok(b);
  told.gave("c1", "ba");
  CHECK(verdictOf(told, options) == Verdict::True);
  told.gave("c1", "ab");
  CHECK(verdictOf(told, options) == Verdict::False);
}

TEST_CASE("A register never set gives null, unless it began with a value") {
  Told told;
  told.gave("c1", std::nullopt);
  CHECK(verdictOf(told, {}) == Verdict::True);
  CHECK(verdictOf(told) == Verdict::False);
}

TEST_CASE("Keys are judged apart from each other, and the earliest fault of all is named") {
  Told told("a");
  told.wrote("c1", "1");
  told.setKey("b");
  told.wrote("c1", "1");
  const auto early = told.gave("c2", "0");
  told.setKey("a");
  const auto late = told.gave("c2", "0");
  told.setKey("c");
  told.gave("c2", "0");
  const auto v = checkLinearizability(told.history(), zeroFirst());
  CHECK(v.verdict == Verdict::False);
  CHECK(v.offending == early);
  REQUIRE(v.keys.size() == 3);
  CHECK(v.keys[0].offending == late);
  CHECK(v.keys[1].offending == early);
  CHECK(v.keys[2].verdict == Verdict::True);
  CHECK(v.keys[1].operations == 2);
}

TEST_CASE("A history without operations is linearizable") {
  CHECK(checkLinearizability({}, {}).verdict == Verdict::True);
}

TEST_CASE("A register tried as Jepsen tries etcd: time-outs leave a trace that explains a read") {
  Told told("r");
  told.gave("0", std::nullopt);
  told.wrote("1", "3");
  const auto lost = told.cas("2", "3", "1"); // times out, and takes effect later
  told.info(lost);
  told.fail(told.cas("3", "0", "2"));
  told.gave("4", "3");
  const auto slow = told.write("0", "4");
  told.gave("1", "3");
  told.gave("5", "1");
  const auto late = told.cas("3", "4", "2");
  told.ok(slow);
  told.ok(late);
  told.gave("4", "2");
  auto v = checkLinearizability(told.history(), {});
  CHECK(v.verdict == Verdict::True);
  CHECK(std::count(v.keys[0].order.begin(), v.keys[0].order.end(), lost) == 1);
  const auto again = told.gave("5", "1"); // but it cannot take effect twice
  v = checkLinearizability(told.history(), {});
  CHECK(v.verdict == Verdict::False);
  CHECK(v.offending == again);
}

TEST_CASE("It agrees with a checker that tries every order, on small random histories") {
  const std::size_t wanted = historiesWanted();
  std::size_t yes = 0, no = 0;
  for (std::size_t seed = 1; seed <= wanted; ++seed) {
    RandomOptions random;
    random.operations = 3 + seed % 6;
    random.processes = 2 + seed / 7 % 3;
    random.values = 2 + seed / 3 % 3;
    random.cas = seed % 2 == 0;
    random.append = seed % 5 == 0;
    random.infoPercent = seed % 11 * 4;
    const History history = randomHistory(seed, random);
    CheckOptions options;
    options.threads = 1;
    const auto v = checkLinearizability(history, options);
    const bool truth = naiveIsLinearizable(history, std::nullopt);
    INFO("seed " << seed << "\n" << writeHistory(history));
    REQUIRE(v.verdict == (truth ? Verdict::True : Verdict::False));
    (truth ? yes : no) += 1;
    if (truth) {
      if (!v.keys.empty()) REQUIRE(isLegalOrder(history, v.keys[0].order, std::nullopt));
      continue;
    }
    REQUIRE(v.offending);
    const std::size_t event = history.operations[*v.offending].returnOrder;
    REQUIRE_FALSE(naiveIsLinearizable(until(history, event), std::nullopt));
    REQUIRE(naiveIsLinearizable(until(history, event - 1), std::nullopt));
    REQUIRE(isLegalOrder(history, v.keys[0].order, std::nullopt, event - 1));
  }
  CHECK(yes > wanted / 5);
  CHECK(no > wanted / 10);
}

TEST_CASE("Histories of 100 operations are decided well under a second", "[timing]") {
  double worst = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomOptions random;
    random.operations = 100;
    random.processes = 3 + seed % 20;
    random.values = seed % 3 == 0 ? 25 : 5;
    random.append = seed % 4 == 0;
    random.cas = !random.append;
    random.infoPercent = seed % 5 * 10;
    random.wrongPercent = seed % 2 == 0 ? 2 : 0;
    const History history = randomHistory(seed, random);
    const auto begin = std::chrono::steady_clock::now();
    const auto v = checkLinearizability(history, {});
    const double s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    INFO("seed " << seed << ": " << s << " s, " << v.keys[0].why);
    CHECK(v.verdict != Verdict::Unknown);
    CHECK(s < 1);
    worst = std::max(worst, s);
  }
  WARN("slowest of 200: " << worst * 1000 << " ms");
}

TEST_CASE("Fifty open writes cost nothing while nobody sees them", "[timing]") {
  Told told;
  for (int i = 0; i < 50; ++i)
    told.info(told.write("w" + std::to_string(i), std::to_string(i % 7)));
  for (int i = 0; i < 50; ++i) told.gave("r", std::to_string(i % 7));
  CHECK(secondsOf(told.history(), zeroFirst(), Verdict::True) < 0.2);
  told.gave("r", "9");
  CHECK(secondsOf(told.history(), zeroFirst(), Verdict::False) < 0.2);
}

TEST_CASE("Thirty writes at once and a read that saw none of them are decided quickly",
          "[timing]") {
  Told told;
  std::vector<std::size_t> writes, reads;
  for (int i = 1; i <= 30; ++i)
    writes.push_back(told.write("w" + std::to_string(i), std::to_string(i)));
  for (int i = 1; i <= 30; ++i) reads.push_back(told.read("r" + std::to_string(i)));
  for (std::size_t i = 0; i < 30; ++i) told.ok(writes[i]);
  for (std::size_t i = 0; i < 30; ++i) told.ok(reads[i], std::to_string(30 - i));
  CHECK(secondsOf(told.history(), zeroFirst(), Verdict::True) < 0.2);
  const auto stale = told.gave("late", "0");
  CHECK(secondsOf(told.history(), zeroFirst(), Verdict::False) < 0.2);
  CHECK(checkLinearizability(told.history(), zeroFirst()).offending == stale);
}

namespace {

/// Texts that many append to at once: their orders are many, and the reads name one of them, or
/// (crossed) two that cannot both be.
History manyAppends(int count, bool crossed) {
  Told told;
  std::vector<std::size_t> appends;
  std::string all, back;
  for (int i = 0; i < count; ++i) {
    const std::string part(1, static_cast<char>('a' + i));
    appends.push_back(told.append("p" + std::to_string(i), part));
    all += part;
    back = part + back;
  }
  const auto one = told.read("one"), two = told.read("two");
  for (const std::size_t a : appends) told.ok(a);
  told.ok(one, all);
  told.ok(two, crossed ? back : all);
  return told.history();
}

} // namespace

TEST_CASE("Many appends at once are decided quickly", "[timing]") {
  CheckOptions options;
  options.model = Model::Kv;
  CHECK(secondsOf(manyAppends(20, false), options, Verdict::True) < 0.2);
  CHECK(secondsOf(manyAppends(20, true), options, Verdict::False) < 0.5);
}

namespace {

/// Hard on purpose: compare-and-sets of unknown outcome that lead from everywhere to everywhere,
/// and reads that need a path which is not there.
History maze(int rooms) {
  Told told;
  for (int from = 1; from <= rooms; ++from)
    for (int to = 1; to <= rooms; ++to)
      if (from != to) told.info(told.cas("p", std::to_string(from), std::to_string(to)));
  told.wrote("w", "1");
  for (int turn = 0; turn < rooms + 2; ++turn)
    for (int to = rooms; to >= 1; --to) told.gave("r", std::to_string(to));
  return told.history();
}

} // namespace

TEST_CASE("When its budget has ended it says neither true nor false") {
  CheckOptions options;
  options.budget = std::chrono::nanoseconds(0);
  Told told;
  told.wrote("c1", "1");
  auto v = checkLinearizability(told.history(), options);
  CHECK(v.verdict == Verdict::Unknown);
  CHECK_FALSE(v.offending);
  CHECK_FALSE(v.keys[0].why.empty());
  options.budget = std::chrono::milliseconds(100);
  options.initial = "1";
  const auto begin = std::chrono::steady_clock::now();
  v = checkLinearizability(maze(9), options);
  CHECK(v.verdict != Verdict::True);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

TEST_CASE("It can be cancelled") {
  std::atomic<bool> cancelled{true};
  CheckOptions options;
  options.cancelled = &cancelled;
  Told told;
  told.wrote("c1", "1");
  CHECK(checkLinearizability(told.history(), options).verdict == Verdict::Unknown);
}

TEST_CASE("The longest legal order that ends with an operation is shown") {
  Told told;
  const auto w = told.wrote("c1", "1");
  const auto r = told.gave("c2", "1");
  const auto stale = told.gave("c3", "0");
  const auto fine = told.gave("c2", "1");
  const auto prefix = [&](std::size_t i) {
    return longestPrefixWith(told.history(), i, zeroFirst());
  };
  CHECK(prefix(w) == std::vector<std::size_t>{w});
  CHECK(prefix(r) == std::vector<std::size_t>{w, r});
  CHECK(prefix(stale).empty()); // the write must stand before it
  CHECK(prefix(fine).empty());  // the stale one must stand before it
}

TEST_CASE("The longest legal order is as long as can be, and legal") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomOptions random;
    random.operations = 7;
    random.wrongPercent = 25;
    const History history = randomHistory(seed, random);
    for (std::size_t i = 0; i < history.operations.size(); ++i) {
      const auto order = longestPrefixWith(history, i, {});
      if (order.empty()) continue;
      REQUIRE(order.back() == i);
      REQUIRE(isLegalOrder(history, order, std::nullopt, 0));
    }
  }
}

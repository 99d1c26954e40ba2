// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/consistency.h"
#include "tests/core/judge/histories.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::judge;
using judge::testing::naiveIsSequential;
using judge::testing::randomHistory;
using judge::testing::RandomOptions;
using judge::testing::Told;

namespace {

PropertyVerdict session(const Told &told, Property guarantee) {
  return checkSession(told.history(), guarantee, {});
}

constexpr Property guarantees[] = {Property::ReadYourWrites, Property::MonotonicReads,
                                   Property::MonotonicWrites, Property::WritesFollowReads};

/// Which of the four guarantees a history breaks, in their order: "0100".
std::string broken(const Told &told) {
  std::string out;
  for (const Property p : guarantees) {
    const auto v = session(told, p);
    CHECK(v.property == p);
    CHECK(v.verdict != Verdict::Unknown);
    out += v.verdict == Verdict::False ? '1' : '0';
  }
  return out;
}

bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("Who does not see its own write cannot read its writes") {
  Told told;
  told.wrote("a", "1");
  const auto own = told.wrote("a", "2");
  const auto stale = told.gave("a", "1");
  CHECK(broken(told) == "1000");
  const auto v = session(told, Property::ReadYourWrites);
  CHECK(v.offending == stale);
  CHECK(v.against == std::vector<std::size_t>{own});
  CHECK(has(v.why, "\"read x → 1\" of process a saw something older than its own \"write x 2\""));
}

TEST_CASE("Another client may lag behind: that breaks no session guarantee") {
  Told told;
  told.wrote("a", "1");
  told.wrote("a", "2");
  told.gave("b", std::nullopt);
  told.gave("b", "1");
  told.gave("b", "2");
  CHECK(broken(told) == "0000");
  CHECK(checkCausal(told.history(), {}).verdict == Verdict::True);
  CHECK(checkLinearizability(told.history(), {}).verdict == Verdict::False);
  CHECK(checkSequential(told.history(), {}).verdict == Verdict::True);
}

TEST_CASE("Reads that go back in time are not monotonic") {
  Told told;
  told.wrote("a", "1");
  told.wrote("b", "2");
  const auto newer = told.gave("c", "2");
  const auto older = told.gave("c", "1");
  CHECK(broken(told) == "0100");
  const auto v = session(told, Property::MonotonicReads);
  CHECK(v.offending == older);
  CHECK(v.against.front() == newer);
}

TEST_CASE("Reads that go to and fro between writes made at once are not monotonic either") {
  Told told;
  const auto a = told.write("a", "1");
  const auto b = told.write("b", "2");
  told.ok(a);
  told.ok(b);
  told.gave("c", "1");
  told.gave("c", "2");
  CHECK(broken(told) == "0000");
  told.gave("c", "1");
  CHECK(broken(told) == "0100");
}

TEST_CASE("Who sees a second write must see the first") {
  Told told("x");
  const auto first = told.wrote("a", "1");
  told.setKey("y");
  const auto second = told.wrote("a", "2");
  told.gave("b", "2");
  told.setKey("x");
  const auto late = told.gave("b", std::nullopt);
  CHECK(broken(told) == "0010");
  const auto v = session(told, Property::MonotonicWrites);
  CHECK(v.offending == late);
  CHECK(v.against == std::vector<std::size_t>{first, second});
}

TEST_CASE("Who sees an answer must see what it answers") {
  Told told("question");
  told.wrote("a", "why");
  told.gave("b", "why");
  told.setKey("answer");
  told.wrote("b", "because");
  told.gave("c", "because");
  told.setKey("question");
  const auto late = told.gave("c", std::nullopt);
  CHECK(broken(told) == "0001");
  const auto v = checkCausal(told.history(), {});
  CHECK(v.verdict == Verdict::False);
  CHECK(v.offending == late);
  CHECK(has(v.why, "\"write question why\" of process a comes before it"));
}

TEST_CASE("A write that was not acknowledged need not be seen") {
  Told told;
  told.info(told.write("a", "1"));
  told.gave("a", std::nullopt);
  told.gave("a", "1");
  CHECK(broken(told) == "0000");
}

TEST_CASE("Where a value was written twice it is not known who was seen") {
  Told told;
  told.wrote("a", "1");
  told.wrote("b", "1");
  told.gave("c", "1");
  for (const Property p : guarantees) CHECK(session(told, p).verdict == Verdict::Unknown);
  CHECK(checkCausal(told.history(), {}).verdict == Verdict::Unknown);
  CHECK_FALSE(checkCausal(told.history(), {}).why.empty());
}

// The examples of figure 3 in Bouajjani, Enea, Guerraoui, Hamza: On verifying causal consistency.
TEST_CASE("Published: two reads in different orders are causal, and not sequential") {
  Told told;
  const auto one = told.write("a", "1");
  const auto two = told.write("b", "2");
  told.ok(one);
  told.ok(two);
  told.gave("a", "2");
  told.gave("b", "1");
  CHECK(checkCausal(told.history(), {}).verdict == Verdict::True);
  CHECK(checkSequential(told.history(), {}).verdict == Verdict::False);
}

TEST_CASE("Published: causal, and not sequential, over several keys") {
  Told told("z");
  // a: z=1 x=1 y=1;  b: x=2, z:0, y:1, x:2
  const auto z = told.write("a", "1");
  told.setKey("x");
  const auto x2 = told.write("b", "2");
  told.ok(z);
  told.ok(x2);
  told.setKey("z");
  const auto early = told.read("b");
  told.ok(early, std::nullopt);
  told.setKey("x");
  told.wrote("a", "1");
  told.setKey("y");
  told.wrote("a", "1");
  told.gave("b", "1");
  told.setKey("x");
  told.gave("b", "2");
  CHECK(checkCausal(told.history(), {}).verdict == Verdict::True);
  CHECK(checkSequential(told.history(), {}).verdict == Verdict::False);
}

TEST_CASE("Published: a write that is overwritten on the way to the read is not causal") {
  Told told("x");
  told.wrote("a", "1");
  told.setKey("y");
  told.wrote("a", "1");
  told.gave("b", "1");
  told.setKey("x");
  const auto second = told.wrote("b", "2");
  told.gave("c", "2");
  const auto stale = told.gave("c", "1");
  const auto v = checkCausal(told.history(), {});
  CHECK(v.verdict == Verdict::False);
  CHECK(v.offending == stale);
  CHECK(v.against.back() == second);
}

TEST_CASE("A value that nobody wrote is out of thin air") {
  Told told;
  const auto ghost = told.gave("a", "boo");
  const auto v = checkCausal(told.history(), {});
  CHECK(v.verdict == Verdict::False);
  CHECK(v.offending == ghost);
}

TEST_CASE("What depends on itself is not causal") {
  Told told("x");
  const auto first = told.read("a");
  told.ok(first, "1");
  told.setKey("y");
  told.wrote("a", "1");
  told.gave("b", "1");
  told.setKey("x");
  told.wrote("b", "1");
  CHECK(checkCausal(told.history(), {}).verdict == Verdict::False);
}

TEST_CASE("A store buffer is not sequential: each missed the other's write") {
  Told told("x");
  const auto a = told.write("a", "1");
  told.setKey("y");
  const auto b = told.write("b", "1");
  told.ok(a);
  told.ok(b);
  told.gave("a", std::nullopt);
  told.setKey("x");
  const auto last = told.gave("b", std::nullopt);
  const auto v = checkSequential(told.history(), {});
  CHECK(v.verdict == Verdict::False);
  CHECK(v.offending == last);
  CHECK(checkCausal(told.history(), {}).verdict == Verdict::True);
}

TEST_CASE("Sequential consistency agrees with trying every order, on small random histories") {
  std::size_t yes = 0, no = 0;
  for (std::uint64_t seed = 1; seed <= 5000; ++seed) {
    RandomOptions random;
    random.operations = 4 + seed % 4;
    random.keys = 1 + seed % 2;
    random.wrongPercent = 40;
    random.append = seed % 5 == 0;
    random.processes = 2 + seed % 2;
    const History history = randomHistory(seed, random);
    const bool truth = naiveIsSequential(history, std::nullopt);
    INFO("seed " << seed << "\n" << writeHistory(history));
    REQUIRE(checkSequential(history, {}).verdict == (truth ? Verdict::True : Verdict::False));
    (truth ? yes : no) += 1;
  }
  CHECK(yes > 500);
  CHECK(no > 500);
}

TEST_CASE("What is linearizable keeps every weaker promise; what is sequential is causal") {
  std::size_t linearizable = 0, sequentialOnly = 0, notCausal = 0;
  for (std::uint64_t seed = 1; seed <= 5000; ++seed) {
    RandomOptions random;
    random.operations = 12;
    random.keys = 2;
    random.unique = true;
    random.cas = random.append = false;
    random.wrongPercent = seed % 3 == 0 ? 0 : 25;
    const History history = randomHistory(seed, random);
    const bool strict = checkLinearizability(history, {}).verdict == Verdict::True;
    const bool sequential = checkSequential(history, {}).verdict == Verdict::True;
    const bool causal = checkCausal(history, {}).verdict == Verdict::True;
    INFO("seed " << seed << "\n" << writeHistory(history));
    if (strict) {
      REQUIRE(sequential);
      for (const Property p : guarantees)
        REQUIRE(checkSession(history, p, {}).verdict == Verdict::True);
    }
    if (sequential) REQUIRE(causal);
    linearizable += strict ? 1 : 0;
    sequentialOnly += sequential && !strict ? 1 : 0;
    notCausal += causal ? 0 : 1;
  }
  CHECK(linearizable > 500);
  CHECK(sequentialOnly > 50);
  CHECK(notCausal > 500);
}

TEST_CASE("Beyond its budget a search for an order gives no answer") {
  CheckOptions options;
  options.budget = std::chrono::nanoseconds(0);
  Told told;
  told.wrote("a", "1");
  CHECK(checkSequential(told.history(), options).verdict == Verdict::Unknown);
}

TEST_CASE("Replicas have converged when late reads of a key agree") {
  Told told;
  told.wrote("a", "1");
  told.gave("b", std::nullopt); // too early to count
  const auto settle = Duration::ns(3);
  CHECK(checkConvergence(told.history(), settle).verdict == Verdict::Unknown);
  told.gave("a", "1");
  told.gave("b", "1");
  CHECK(checkConvergence(told.history(), settle).verdict == Verdict::True);
  const auto apart = told.gave("c", std::nullopt);
  const auto v = checkConvergence(told.history(), settle);
  CHECK(v.verdict == Verdict::False);
  CHECK(v.offending == apart);
  CHECK(v.against.size() == 1);
}

TEST_CASE("Every property has a name and a promise") {
  for (int p = 0; p <= static_cast<int>(Property::NoLostWrites); ++p) {
    CHECK_FALSE(name(static_cast<Property>(p)).empty());
    CHECK(sentence(static_cast<Property>(p)).ends_with("."));
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/crdt.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <set>

using namespace packetarium;
using namespace packetarium::cluster;

namespace {

/// What one member does, or that it hears the whole state of another.
struct Step {
  int member = 0, kind = 0, from = 0, argument = 0;
};

std::vector<Step> someSteps() {
  const auto step = rc::gen::apply(
      [](int member, int kind, int from, int argument) {
        return Step{member, kind, from, argument};
      },
      rc::gen::inRange(0, 3), rc::gen::inRange(0, 4), rc::gen::inRange(0, 3),
      rc::gen::inRange(0, 4));
  return *rc::gen::container<std::vector<Step>>(step);
}

std::string memberName(int i) { return std::string(1, static_cast<char>('a' + i)); }

/// A member: the state under test, and its vector.
template <class State> struct Site {
  State state;
  VersionVector known;
};

void change(GrowCounter &c, const Step &s, const Dot &dot, const VersionVector &) {
  c.add(dot.member, static_cast<std::uint64_t>(s.argument));
}
void change(Counter &c, const Step &s, const Dot &dot, const VersionVector &) {
  c.add(dot.member, s.argument - 2);
}
void change(LastWriteRegister &r, const Step &s, const Dot &dot, const VersionVector &) {
  r.write(SimTime::fromNs(s.argument), dot, std::to_string(s.kind));
}
void change(MultiValueRegister &r, const Step &s, const Dot &dot, const VersionVector &seen) {
  r.write(dot, std::to_string(s.argument), s.kind == 1 ? VersionVector{} : seen);
}
void change(ObservedRemoveSet &set, const Step &s, const Dot &dot, const VersionVector &seen) {
  const std::string element(1, static_cast<char>('p' + s.argument));
  if (s.kind == 1)
    set.remove(element, seen);
  else
    set.add(dot, element, seen);
}

/// Three members work and hear each other in some order; kind 3 is a join.
template <class State> std::vector<Site<State>> lived(const std::vector<Step> &steps) {
  std::vector<Site<State>> sites(3);
  for (const Step &s : steps) {
    auto &site = sites[static_cast<std::size_t>(s.member)];
    if (s.kind == 3) {
      const auto &other = sites[static_cast<std::size_t>(s.from)];
      const State copy = other.state;
      site.state.join(copy);
      site.known.merge(other.known);
      continue;
    }
    const Dot dot = site.known.next(memberName(s.member));
    const VersionVector seen = site.known;
    site.known.add(dot);
    change(site.state, s, dot, seen);
  }
  return sites;
}

template <class State> State joined(State a, const State &b) {
  a.join(b);
  return a;
}

template <class State> void lawsHold() {
  const auto sites = lived<State>(someSteps());
  const State &a = sites[0].state, &b = sites[1].state, &c = sites[2].state;
  RC_ASSERT(joined(a, b) == joined(b, a));
  RC_ASSERT(joined(joined(a, b), c) == joined(a, joined(b, c)));
  RC_ASSERT(joined(a, a) == a);
  RC_ASSERT(joined(joined(a, b), b) == joined(a, b));
}

/// However often and in whatever order the states arrive, everybody ends with the same.
template <class State> void converges() {
  const auto sites = lived<State>(someSteps());
  const State all = joined(joined(sites[0].state, sites[1].state), sites[2].state);
  for (const auto &start : sites) {
    State state = start.state;
    const auto order = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3));
    for (const int i : order) state.join(sites[static_cast<std::size_t>(i)].state);
    for (const int i : {2, 0, 1}) state.join(sites[static_cast<std::size_t>(i)].state);
    RC_ASSERT(state == all);
  }
}

template <class State> void readsBack() {
  for (const auto &site : lived<State>(someSteps())) {
    const auto back = State::parse(site.state.text());
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == site.state);
  }
}

template <class State> void readsAnything() {
  const auto noise =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab:=|;/,% 0123456789A")));
  const auto state = State::parse(noise);
  if (state.ok()) RC_ASSERT(*State::parse(state->text()) == *state);
}

template <class State> void all() {
  CHECK(rc::check("join is commutative, associative and idempotent", [] { lawsHold<State>(); }));
  CHECK(rc::check("all orders and repetitions end alike", [] { converges<State>(); }));
  CHECK(rc::check("text reads back", [] { readsBack<State>(); }));
  CHECK(rc::check("any text is read or refused", [] { readsAnything<State>(); }));
  CHECK_FALSE(State::parse(std::string(30000, '1')).ok());
}

} // namespace

TEST_CASE("A grow-only counter keeps the laws of a join") { all<GrowCounter>(); }
TEST_CASE("A counter up and down keeps the laws of a join") { all<Counter>(); }
TEST_CASE("A last-write register keeps the laws of a join") { all<LastWriteRegister>(); }
TEST_CASE("A register of several values keeps the laws of a join") { all<MultiValueRegister>(); }
TEST_CASE("An observed-remove set keeps the laws of a join") { all<ObservedRemoveSet>(); }

TEST_CASE("A counter's value is the sum of all that was ever added") {
  CHECK(rc::check([] {
    const auto steps = someSteps();
    const auto sites = lived<Counter>(steps);
    std::int64_t sum = 0;
    for (const Step &s : steps)
      if (s.kind != 3) sum += s.argument - 2;
    const Counter everything = joined(joined(sites[0].state, sites[1].state), sites[2].state);
    RC_ASSERT(everything.value() == sum);
  }));
}

TEST_CASE("An observed-remove set holds what tagged additions and observed removals leave") {
  CHECK(rc::check([] {
    // The model keeps every tag ever given and every tag ever seen removed.
    struct Model {
      std::set<std::pair<std::string, int>> added, removed;
    };
    std::vector<Model> models(3);
    const auto steps = someSteps();
    int tag = 0;
    for (const Step &s : steps) {
      Model &here = models[static_cast<std::size_t>(s.member)];
      const std::string element(1, static_cast<char>('p' + s.argument));
      if (s.kind == 3) {
        const Model there = models[static_cast<std::size_t>(s.from)];
        here.added.insert(there.added.begin(), there.added.end());
        here.removed.insert(there.removed.begin(), there.removed.end());
      } else if (s.kind == 1) {
        for (const auto &one : here.added)
          if (one.first == element) here.removed.insert(one);
      } else {
        here.added.emplace(element, ++tag);
      }
    }
    const auto sites = lived<ObservedRemoveSet>(steps);
    for (std::size_t i = 0; i < 3; ++i) {
      std::set<std::string> left;
      for (const auto &one : models[i].added)
        if (!models[i].removed.contains(one)) left.insert(one.first);
      const auto elements = sites[i].state.elements();
      RC_ASSERT(std::set<std::string>(elements.begin(), elements.end()) == left);
    }
  }));
}

TEST_CASE("A register of several values keeps those that no other writer had seen") {
  CHECK(rc::check([] {
    // The model keeps every write with the whole set of writes its writer had seen.
    struct Write {
      int id = 0;
      std::set<int> seen;
      std::string value;
    };
    std::vector<std::vector<Write>> models(3);
    int next = 0;
    const auto steps = someSteps();
    for (const Step &s : steps) {
      auto &here = models[static_cast<std::size_t>(s.member)];
      if (s.kind == 3) {
        const auto there = models[static_cast<std::size_t>(s.from)];
        here.insert(here.end(), there.begin(), there.end());
        continue;
      }
      Write write{++next, {}, std::to_string(s.argument)};
      if (s.kind != 1)
        for (const Write &w : here) write.seen.insert(w.id);
      here.push_back(write);
    }
    const auto sites = lived<MultiValueRegister>(steps);
    for (std::size_t i = 0; i < 3; ++i) {
      std::map<int, std::string> left;
      for (const Write &w : models[i]) left[w.id] = w.value;
      for (const Write &w : models[i])
        for (const int seen : w.seen) left.erase(seen);
      std::multiset<std::string> expected, held;
      for (const auto &[id, value] : left) expected.insert(value);
      for (const auto &[dot, value] : sites[i].state.versions()) held.insert(*value);
      RC_ASSERT(held == expected);
    }
  }));
}

TEST_CASE("Of additions and removals at once, the addition wins") {
  ObservedRemoveSet here, there;
  here.add({"a", 1}, "milk", {});
  there.join(here);
  VersionVector known;
  known.add({"a", 1});
  there.remove("milk", known);
  CHECK_FALSE(there.contains("milk"));
  here.add({"a", 2}, "milk", known);
  here.join(there);
  CHECK(here.elements() == std::vector<std::string>{"milk"});
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/quorum_store/datagrams.h"
#include "core/programs/quorum_store/session_mark.h"
#include "core/programs/quorum_store/versions.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <set>

namespace packetarium::programs::quorum {
namespace {

using cluster::Dot;
using cluster::VersionVector;
using wire::cluster::Message;

constexpr Policy policies[] = {Policy::Siblings, Policy::LastWriteWins};

Stored writeOf(std::string value, std::int64_t stamp, const VersionVector &seen = {}) {
  return {std::move(value), SimTime::fromNs(stamp), seen, {}};
}

/// Three coordinators write, read each other's states and join them, as replicas do.
std::vector<KeyState> someStates(Policy policy) {
  std::vector<KeyState> replicas(3);
  std::map<int, std::uint64_t> counts;
  std::vector<VersionVector> contexts(3);
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 3), rc::gen::inRange(0, 3), rc::gen::inRange(0, 4)));
  std::int64_t now = 0;
  for (const auto &[who, other, what] : steps) {
    KeyState &mine = replicas[static_cast<std::size_t>(who)];
    if (what == 0) mine.join(policy, replicas[static_cast<std::size_t>(other)]);
    if (what == 1) contexts[static_cast<std::size_t>(other)] = mine.context();
    if (what < 2) continue;
    const Dot dot{std::string(1, static_cast<char>('a' + who)), ++counts[who]};
    VersionVector seen;
    if (what == 2)
      for (const auto &[name, count] : contexts[static_cast<std::size_t>(other)].counts())
        if (name != dot.member || count < dot.count) seen.add({name, count});
    mine.write(policy, dot, writeOf(dot.text(), (++now * 7) % 20, seen));
  }
  return replicas;
}

Message messageWith(const KeyState &state) {
  Message m("state");
  state.addTo(m);
  return m;
}

} // namespace

TEST_CASE("States join to the same in any order and however often") {
  for (const Policy policy : policies)
    CHECK(rc::check([policy] {
      const auto s = someStates(policy);
      KeyState left = s[0], right = s[2];
      left.join(policy, s[1]);
      left.join(policy, s[2]);
      right.join(policy, s[0]);
      right.join(policy, s[1]);
      right.join(policy, s[0]);
      RC_ASSERT(left.digest() == right.digest());
      RC_ASSERT(left.context() == right.context() || policy == Policy::LastWriteWins);
    }));
}

TEST_CASE("With siblings, a write goes only when somebody who had seen it wrote") {
  CHECK(rc::check([] {
    const auto s = someStates(Policy::Siblings);
    KeyState all = s[0];
    all.join(Policy::Siblings, s[1]);
    all.join(Policy::Siblings, s[2]);
    for (const KeyState &one : s)
      for (const auto &[dot, stored] : one.versions()) {
        const bool kept = all.versions().count(dot) > 0;
        bool replaced = false;
        for (const KeyState &other : s) {
          VersionVector replacedThere = other.context();
          if (other.versions().count(dot) == 0 && replacedThere.covers(dot)) replaced = true;
        }
        RC_ASSERT(kept != replaced);
      }
  }));
}

TEST_CASE("A state travels in a message and is read back") {
  for (const Policy policy : policies)
    CHECK(rc::check([policy] {
      for (const KeyState &state : someStates(policy)) {
        const auto line = wire::cluster::encode(messageWith(state));
        const auto back = KeyState::from(*wire::cluster::decode(line));
        RC_ASSERT(back.has_value());
        RC_ASSERT(back->digest() == state.digest());
        RC_ASSERT(back->versions() == state.versions());
      }
    }));
}

TEST_CASE("Odd values and removals travel, too, and nonsense is no state") {
  KeyState state;
  state.write(Policy::Siblings, {"a", 1}, writeOf("/ = % ;\n", 5));
  state.write(Policy::Siblings, {"b", 1}, {std::nullopt, SimTime::fromNs(7), {}, "c 1"});
  state.write(Policy::Siblings, {"c", 1}, writeOf("", 6));
  const auto back =
      KeyState::from(*wire::cluster::decode(wire::cluster::encode(messageWith(state))));
  REQUIRE(back);
  CHECK(back->versions() == state.versions());
  for (const char *line :
       {"a:1", "a:1/5///x", "a:0/5///", "a:1/x///", "a:1/5/a:1//", "/////", ""}) {
    INFO(line);
    CHECK_FALSE(KeyState::from(Message("state").add("seen", "").add("version", line)));
  }
  CHECK_FALSE(KeyState::from(Message("state")));
  CHECK_FALSE(KeyState::from(Message("state").add("seen", "a:1").add("version", "a:1/5///=x")));
}

TEST_CASE("What is shown is the latest first, and two tries of one request are one") {
  KeyState state;
  Stored twice = writeOf("again", 9);
  twice.once = "client 4";
  state.write(Policy::Siblings, {"a", 1}, twice);
  state.write(Policy::Siblings, {"b", 1}, twice);
  state.write(Policy::Siblings, {"c", 1}, writeOf("old", 2));
  REQUIRE(state.shown().size() == 2);
  CHECK(state.shown()[0]->value == "again");
  CHECK(state.shown()[1]->value == "old");
}

TEST_CASE("Of too many versions the oldest go, and do not come back") {
  KeyState state, other;
  for (int i = 0; i < 20; ++i)
    state.write(Policy::Siblings, {"m" + std::to_string(i), 1}, writeOf("v", 100 - i));
  other = state;
  CHECK(state.prune(16).size() == 4);
  CHECK(state.versions().size() == 16);
  CHECK(state.versions().count({"m19", 1}) == 0);
  other.join(Policy::Siblings, state);
  CHECK(other.versions() == state.versions());
}

TEST_CASE("A session's mark is reached by what is as new, and by nothing older") {
  for (const Policy policy : policies) {
    KeyState first, second;
    first.write(policy, {"a", 1}, writeOf("1", 10));
    second = first;
    second.write(policy, {"b", 1}, writeOf("2", 20, first.context()));
    CHECK(second.reaches(policy, first.token(policy)));
    CHECK(second.reaches(policy, second.token(policy)));
    CHECK_FALSE(first.reaches(policy, second.token(policy)));
    CHECK_FALSE(KeyState().reaches(policy, first.token(policy)));
    CHECK(first.reaches(policy, "0.0"));
  }
  SessionMark mark;
  mark.set("a=b;c d", "a:3,b:1");
  mark.set("key", "17@a:3");
  const SessionMark back = SessionMark::parse(mark.text());
  CHECK(back.of("a=b;c d") == "a:3,b:1");
  CHECK(back.of("key") == "17@a:3");
  CHECK(back.of("other").empty());
  CHECK(SessionMark::parse("0.0").text().empty());
}

TEST_CASE("A long message comes whole out of its parts in any order, and not without all of them") {
  Message message("put");
  message.add("id", 7).add("value", std::string(5000, '%')).add("more", "end of it");
  const auto datagrams = datagramsOf(message, 4);
  REQUIRE(datagrams.size() > 3);
  for (const wire::Payload &datagram : datagrams) CHECK(datagram.size() <= datagramBytesMax);
  Assembly assembly;
  for (std::size_t i = datagrams.size(); i-- > 0;) {
    const auto part = wire::cluster::decode(datagrams[i]);
    REQUIRE(part);
    const auto whole = assembly.take("10.0.0.1:7401", *part);
    if (i > 0) CHECK_FALSE(assembly.take("10.0.0.1:7401", *part)); // once more
    CHECK(whole.has_value() == (i == 0));
    if (whole) CHECK(*whole == message);
  }
  const Message brief = Message("fetch").add("id", 8);
  CHECK(datagramsOf(brief, 5).size() == 1);
  CHECK(*assembly.take("10.0.0.1:7401", brief) == brief);
  CHECK_FALSE(assembly.take("x", Message("part").add("id", 1).add("at", 2).add("of", 2)));
}

} // namespace packetarium::programs::quorum

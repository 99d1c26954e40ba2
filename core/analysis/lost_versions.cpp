// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/lost_versions.h"

#include "core/analysis/cluster_facts.h"
#include "core/analysis/names.h"
#include "core/cluster/held.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace packetarium::analysis {
namespace {

using cluster::Held;
using cluster::HeldVersion;

/// A member has this of the key from this fact on.
struct HeldMark {
  const FactMark *fact = nullptr;
  Held held;
};
struct KeyStory {
  std::vector<HeldMark> marks;
  std::map<std::uint32_t, std::size_t> newest; ///< of a node, in marks
  void add(HeldMark mark) {
    newest[mark.fact->node] = marks.size();
    marks.push_back(std::move(mark));
  }
  /// By who asked: the versions that came of it (a request that was sent twice may make two).
  std::map<std::string, std::map<cluster::Dot, HeldVersion>, std::less<>> madeBy;
};

/// Follows which members hold a write, or what replaces it.
class HoldersOf {
public:
  explicit HoldersOf(const std::map<cluster::Dot, HeldVersion> &versions) : m_versions(versions) {}
  void take(const HeldMark &mark) {
    const bool has = std::any_of(m_versions.begin(), m_versions.end(),
                                 [&](const auto &v) { return mark.held.covers(v.second); });
    const bool had = !m_holders.empty();
    if (has)
      m_holders.insert(mark.fact->node);
    else
      m_holders.erase(mark.fact->node);
    if (had && m_holders.empty()) m_last = mark.fact;
  }
  const std::set<std::uint32_t> &holders() const { return m_holders; }
  /// With which the last holder lost it; null: nobody ever had it.
  const FactMark *last() const { return m_last; }

private:
  const std::map<cluster::Dot, HeldVersion> &m_versions;
  std::set<std::uint32_t> m_holders;
  const FactMark *m_last = nullptr;
};

/// Judges the writes of one service.
class HeldJudge {
public:
  HeldJudge(const FactBook &facts, const net::Blueprint &network, trace::Sequence upTo,
            std::string_view service)
      : m_facts(facts), m_network(network), m_service(service) {
    const auto &told = facts.of(trace::FactTopic::Held);
    for (std::size_t i = 0, n = facts.countUpTo(told, upTo); i < n; ++i) {
      const FactMark &fact = facts.facts()[told[i]];
      if (facts.text(fact.name) != service) continue;
      if (const std::string_view key = facts.text(fact.value); !key.empty())
        add(key, fact);
      else
        begin(fact);
    }
  }

  /// Nothing: it is held, or nobody can say.
  std::optional<LostWrite> judge(const FactMark &done, const OperationOf &of) const {
    const auto story = m_keys.find(keyOf(m_facts.text(done.value)));
    if (story == m_keys.end()) return {};
    const auto made = story->second.madeBy.find(fmt::format("{} {}", of.process, of.number));
    if (made == story->second.madeBy.end() || isHeldNow(story->second, made->second)) return {};
    HoldersOf holders(made->second), then(made->second);
    for (const HeldMark &mark : story->second.marks) {
      holders.take(mark);
      if (mark.fact->sequence <= done.sequence) then.take(mark);
    }
    if (holders.last() == nullptr) return {};
    return tell(done, of, *holders.last(), then.holders());
  }

private:
  /// What most writes are, told without going through all that happened.
  static bool isHeldNow(const KeyStory &story,
                        const std::map<cluster::Dot, HeldVersion> &versions) {
    return std::any_of(story.newest.begin(), story.newest.end(), [&](const auto &at) {
      const Held &held = story.marks[at.second].held;
      return std::any_of(versions.begin(), versions.end(),
                         [&](const auto &v) { return held.covers(v.second); });
    });
  }
  void add(std::string_view key, const FactMark &fact) {
    auto held = cluster::parseHeld(m_facts.text(fact.detail));
    if (!held) return;
    KeyStory &story = m_keys[std::string(key)];
    for (const HeldVersion &v : held->versions)
      if (!v.once.empty()) story.madeBy[v.once].emplace(v.dot, v);
    m_keysOf[fact.node].insert(std::string(key));
    story.add({&fact, std::move(held).value()});
  }
  /// What it had before is gone, unless it tells of it now: at the same instant.
  void begin(const FactMark &fact) {
    for (const std::string &key : m_keysOf[fact.node]) m_keys[key].add({&fact, {}});
    m_keysOf[fact.node].clear();
  }

  LostWrite tell(const FactMark &done, const OperationOf &of, const FactMark &last,
                 const std::set<std::uint32_t> &holders) const {
    LostWrite lost;
    lost.service = m_service;
    lost.operation = m_facts.text(done.value);
    lost.client = of.process;
    lost.acknowledgedAt = done.at;
    lost.acknowledged = done.sequence;
    lost.lostAt = std::max(last.at, done.at);
    lost.lost = std::max(last.sequence, done.sequence);
    lost.node = last.node;
    std::vector<std::string> names;
    for (const std::uint32_t node : holders) names.push_back(nodeName(m_network, node));
    lost.story = fmt::format("At {} {} was told that “{}” is done.", timeText(done.at), of.process,
                             lost.operation);
    if (!names.empty()) lost.story += fmt::format(" By then {} had it.", fmt::join(names, " and "));
    const std::string who = nodeName(m_network, last.node);
    lost.story += m_facts.text(last.value).empty()
                      ? fmt::format(" At {} {} began again without it", timeText(last.at), who)
                      : fmt::format(" At {} {} let it go", timeText(last.at), who);
    lost.story += ": since then no replica holds it, nor a version whose writer knew it.";
    return lost;
  }

  const FactBook &m_facts;
  const net::Blueprint &m_network;
  std::string m_service;
  std::map<std::string, KeyStory, std::less<>> m_keys;
  std::map<std::uint32_t, std::set<std::string>> m_keysOf; ///< that a node told of
};

} // namespace

void appendUnheld(const FactBook &facts, const net::Blueprint &network, trace::Sequence upTo,
                  std::vector<LostWrite> &out) {
  std::map<std::string_view, HeldJudge> judges;
  for (const std::uint32_t i : facts.of(trace::FactTopic::Held))
    if (const auto service = facts.text(facts.facts()[i].name); judges.count(service) == 0)
      judges.emplace(service, HeldJudge(facts, network, upTo, service));
  if (judges.empty()) return;
  std::set<trace::Sequence> named;
  for (const LostWrite &lost : out) named.insert(lost.acknowledged);
  const auto &operations = facts.of(trace::FactTopic::Operation);
  for (std::size_t i = 0, n = facts.countUpTo(operations, upTo); i < n; ++i) {
    const FactMark &done = facts.facts()[operations[i]];
    if (facts.text(done.name) != "ok" || !isWrite(facts.text(done.value))) continue;
    const auto of = operationOf(facts.text(done.detail));
    const auto judge = of ? judges.find(of->service) : judges.end();
    if (judge == judges.end() || named.count(done.sequence) > 0) continue;
    if (auto lost = judge->second.judge(done, *of)) out.push_back(std::move(*lost));
  }
}

} // namespace packetarium::analysis

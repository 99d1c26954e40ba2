// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_facts.h"
#include "core/analysis/cluster_state.h"
#include "core/analysis/log_replay.h"
#include "core/analysis/lost_versions.h"
#include "core/analysis/names.h"
#include "core/cluster/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace packetarium::analysis {
namespace {

using EntryId = std::pair<std::uint64_t, std::uint64_t>; // index, epoch

/// A member of a service with the log it holds.
struct Member {
  std::uint32_t node = 0;
  const std::vector<LogMark> *marks = nullptr;
  std::size_t count = 0; ///< of marks up to the instant of judgement
  std::map<std::uint64_t, WholeEntry> log;
  std::uint64_t epoch() const { return log.empty() ? 0 : log.rbegin()->second.epoch; }
  std::uint64_t last() const { return log.empty() ? 0 : log.rbegin()->first; }
};

/// A write that a client was told is done.
struct DoneWrite {
  const FactMark *told = nullptr;            ///< the client's Operation fact
  EntryId entry{0, 0};                       ///< of the log; 0: no member told of it
  std::uint32_t node = NodeIndex::noneValue; ///< that acknowledged it
};

/// Judges the writes of one service.
class WriteJudge {
public:
  WriteJudge(const FactBook &facts, const net::Blueprint &network, trace::Sequence upTo,
             std::uint32_t service)
      : m_facts(facts), m_network(network), m_upTo(upTo), m_service(service) {
    for (const auto &[key, marks] : facts.logs()) {
      if (key.service != service) continue;
      Member member{key.node, &marks, facts.countUpTo(marks, upTo), {}};
      member.log = wholeLog(facts, marks, member.count);
      if (member.count > 0) m_members.push_back(std::move(member));
    }
    gatherAcknowledged();
    for (Member &member : m_members) addSnapshot(member);
    findSurvivor();
  }

  void judge(std::vector<DoneWrite> &writes, std::vector<LostWrite> &out) {
    if (m_survivor == nullptr) return;
    for (DoneWrite &w : writes) identify(w);
    std::map<std::uint32_t, std::size_t> surviving; // by operation
    for (const auto &[index, entry] : m_survivor->log) ++surviving[entry.operation];
    std::map<std::uint32_t, std::vector<DoneWrite *>> byOperation;
    for (DoneWrite &w : writes) byOperation[w.told->value].push_back(&w);
    for (auto &[operation, same] : byOperation) {
      const std::size_t held = surviving[operation];
      if (held >= same.size()) continue;
      // Of writes that look alike, those are lost whose own entry is not there; the newest first.
      std::stable_sort(same.begin(), same.end(),
                       [this](const auto *a, const auto *b) { return isHeld(*a) > isHeld(*b); });
      for (std::size_t i = held; i < same.size(); ++i) out.push_back(tell(*same[i]));
    }
  }

private:
  /// Who serves and has the newest epoch; when nobody serves, who has the newest log.
  void findSurvivor() {
    const std::vector<RoleView> roles = rolesAt(m_facts, m_upTo);
    const auto serves = [&](const Member &m) {
      return std::any_of(roles.begin(), roles.end(), [&](const RoleView &r) {
        return r.node == m.node && r.service == m_facts.text(m_service) && isServing(r.role);
      });
    };
    const bool any = std::any_of(m_members.begin(), m_members.end(), serves);
    for (const Member &m : m_members) {
      if (any && !serves(m)) continue;
      if (m_survivor == nullptr ||
          std::pair(m.epoch(), m.last()) > std::pair(m_survivor->epoch(), m_survivor->last()))
        m_survivor = &m;
    }
  }

  /// What a snapshot stands for is what was committed, whatever the member had there before.
  void addSnapshot(Member &member) {
    const auto held = snapshotAt(m_facts, {m_service, member.node}, m_upTo);
    if (!held) return;
    for (const auto &[index, epoch] : m_committed) {
      if (index > held->index) break;
      const auto operation = m_operations.find({index, epoch});
      if (operation != m_operations.end()) member.log[index] = {epoch, operation->second, 0};
    }
  }

  /// The entries that members told their clients of, by operation, in order.
  void gatherAcknowledged() {
    for (const Member &m : m_members)
      for (std::size_t i = 0; i < m.count; ++i) {
        const LogMark &mark = (*m.marks)[i];
        const FactMark &fact = m_facts.facts()[mark.fact];
        if (mark.change.what == LogChange::What::Commit)
          m_committed[mark.change.index] = mark.change.epoch;
        if (mark.change.what != LogChange::What::Append &&
            mark.change.what != LogChange::What::Acknowledge)
          continue;
        const EntryId id{mark.change.index, mark.change.epoch};
        if (mark.change.what == LogChange::What::Append) {
          m_operations[id] = fact.detail;
          m_holders[id].try_emplace(m.node, fact.sequence);
        } else {
          m_acknowledged.push_back({fact.sequence, id, m.node});
        }
      }
    std::sort(m_acknowledged.begin(), m_acknowledged.end(),
              [](const Acknowledged &a, const Acknowledged &b) { return a.sequence < b.sequence; });
    for (const Acknowledged &a : m_acknowledged)
      if (const auto op = m_operations.find(a.entry); op != m_operations.end())
        m_byOperation[op->second].push_back(&a);
  }

  /// Which entry the client was told of: the last one of its operation, acknowledged before it
  /// knew, that no earlier write has taken.
  void identify(DoneWrite &w) {
    auto &of = m_byOperation[w.told->value];
    for (std::size_t i = of.size(); i-- > 0;) {
      if (of[i]->sequence > w.told->sequence) continue;
      w.entry = of[i]->entry;
      w.node = of[i]->node;
      of.erase(of.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
    for (const auto &[entry, operation] : m_operations) // nobody told of an acknowledgement
      if (operation == w.told->value) {
        w.entry = entry;
        w.node = m_holders[entry].begin()->first;
      }
  }

  bool isHeld(const DoneWrite &w) const {
    const auto at = m_survivor->log.find(w.entry.first);
    return w.entry.first != 0 && at != m_survivor->log.end() && at->second.epoch == w.entry.second;
  }

  /// The Log fact with which the node cut the entry off; null: it never did.
  const FactMark *cutOff(const DoneWrite &w) const {
    for (const Member &m : m_members) {
      if (m.node != w.node) continue;
      for (std::size_t i = 0; i < m.count; ++i) {
        const LogMark &mark = (*m.marks)[i];
        const FactMark &fact = m_facts.facts()[mark.fact];
        if (mark.change.what == LogChange::What::Truncate && fact.sequence > w.told->sequence &&
            mark.change.index <= w.entry.first)
          return &fact;
      }
    }
    return nullptr;
  }

  /// When the survivor began to serve, after the write: from then on it was lost.
  const FactMark *takenOver(const DoneWrite &w) const {
    const auto told = m_facts.roles().find({m_service, m_survivor->node});
    if (told == m_facts.roles().end()) return nullptr;
    for (const std::uint32_t i : told->second) {
      const FactMark &f = m_facts.facts()[i];
      if (f.sequence > w.told->sequence && f.sequence <= m_upTo && isServing(m_facts.text(f.value)))
        return &f;
    }
    return nullptr;
  }

  LostWrite tell(const DoneWrite &w) const {
    LostWrite lost;
    lost.service = m_facts.text(m_service);
    lost.operation = m_facts.text(w.told->value);
    if (const auto of = operationOf(m_facts.text(w.told->detail))) lost.client = of->process;
    lost.acknowledgedAt = w.told->at;
    lost.acknowledged = w.told->sequence;
    lost.index = w.entry.first;
    lost.epoch = w.entry.second;
    lost.node = w.node;
    const FactMark *cut = cutOff(w), *over = takenOver(w);
    lost.lost = cut != nullptr ? cut->sequence : 0;
    lost.lostAt = cut != nullptr ? cut->at : over != nullptr ? over->at : w.told->at;
    lost.story = story(w, cut, over);
    return lost;
  }

  std::string holdersOf(const DoneWrite &w) const {
    const auto holders = m_holders.find(w.entry);
    if (holders == m_holders.end()) return {};
    std::vector<std::string> names;
    for (const auto &[node, since] : holders->second)
      if (since < w.told->sequence) names.push_back(nodeName(m_network, node));
    return fmt::format("{}", fmt::join(names, " and "));
  }

  std::string story(const DoneWrite &w, const FactMark *cut, const FactMark *over) const {
    const std::string survivor = nodeName(m_network, m_survivor->node);
    const auto of = operationOf(m_facts.text(w.told->detail));
    std::string text = fmt::format("At {} {} was told that “{}” is done.", timeText(w.told->at),
                                   of ? of->process : "a client", m_facts.text(w.told->value));
    if (const std::string holders = holdersOf(w); !holders.empty())
      text += fmt::format(" By then it was with {} alone, as entry {} of epoch {}.", holders,
                          w.entry.first, w.entry.second);
    if (over != nullptr)
      text += fmt::format(" At {} {} took over without it.", timeText(over->at), survivor);
    else
      text += fmt::format(" {} serves without it.", capitalised(survivor));
    if (w.node == NodeIndex::noneValue || w.node == m_survivor->node) return text;
    const std::string had = nodeName(m_network, w.node);
    if (cut != nullptr)
      return text + fmt::format(" At {} {} threw it away, to be like {}.", timeText(cut->at), had,
                                survivor);
    return text + fmt::format(" {} still has it, and will have to throw it away.", had);
  }

  struct Acknowledged {
    trace::Sequence sequence = 0;
    EntryId entry{0, 0};
    std::uint32_t node = 0;
  };

  const FactBook &m_facts;
  const net::Blueprint &m_network;
  trace::Sequence m_upTo;
  std::uint32_t m_service;
  std::vector<Member> m_members;
  const Member *m_survivor = nullptr;
  std::vector<Acknowledged> m_acknowledged;
  std::map<std::uint32_t, std::vector<const Acknowledged *>> m_byOperation;
  std::map<EntryId, std::uint32_t> m_operations;
  std::map<std::uint64_t, std::uint64_t> m_committed;                    ///< by index: its epoch
  std::map<EntryId, std::map<std::uint32_t, trace::Sequence>> m_holders; ///< node: since
};

/// What settling conflicts lost: writes of services whose members all take them, and that keep no
/// common log. Every member that sees a conflict tells of it; a write is named once.
void appendMerged(const FactBook &facts, const net::Blueprint &network, trace::Sequence upTo,
                  std::vector<LostWrite> &out) {
  std::map<std::pair<std::string_view, std::string_view>, const FactMark *> done;
  const auto &operations = facts.of(trace::FactTopic::Operation);
  for (std::size_t i = 0, n = facts.countUpTo(operations, upTo); i < n; ++i) {
    const FactMark &f = facts.facts()[operations[i]];
    if (facts.text(f.name) != "ok") continue;
    if (const auto of = operationOf(facts.text(f.detail)))
      done[{of->service, facts.text(f.value)}] = &f;
  }
  std::set<std::pair<std::string_view, std::string>> named;
  const auto &merged = facts.of(trace::FactTopic::Merged);
  for (std::size_t i = 0, n = facts.countUpTo(merged, upTo); i < n; ++i) {
    const FactMark &f = facts.facts()[merged[i]];
    const auto text = cluster::parseMerged(facts.text(f.detail));
    if (!text) continue;
    const std::string_view service = facts.text(f.name);
    for (const cluster::LostWrite &gone : text->lost) {
      const auto told = done.find({service, gone.operation});
      if (told == done.end() || told->second->sequence > f.sequence) continue;
      if (!named.insert({service, gone.operation}).second) continue;
      const auto of = operationOf(facts.text(told->second->detail));
      LostWrite lost;
      lost.service = service;
      lost.operation = gone.operation;
      if (of) lost.client = of->process;
      lost.acknowledgedAt = told->second->at;
      lost.acknowledged = told->second->sequence;
      lost.lostAt = f.at;
      lost.lost = f.sequence;
      lost.node = f.node;
      lost.story = fmt::format(
          "At {} {} was told that “{}” is done. At {} {} found that another write did not know of "
          "it, and settled the conflict without it: {}.",
          timeText(lost.acknowledgedAt), lost.client, lost.operation, timeText(f.at),
          nodeName(network, f.node), gone.why);
      out.push_back(std::move(lost));
    }
  }
}

} // namespace

std::vector<LostWrite> lostWrites(const FactBook &facts, const net::Blueprint &network,
                                  trace::Sequence upTo) {
  std::map<std::string_view, std::uint32_t> services;
  for (const auto &[key, marks] : facts.logs()) services[facts.text(key.service)] = key.service;
  std::map<std::uint32_t, std::vector<DoneWrite>> done;
  const auto &operations = facts.of(trace::FactTopic::Operation);
  const std::size_t count = facts.countUpTo(operations, upTo);
  for (std::size_t i = 0; i < count; ++i) {
    const FactMark &f = facts.facts()[operations[i]];
    if (facts.text(f.name) != "ok" || !isWrite(facts.text(f.value))) continue;
    const auto of = operationOf(facts.text(f.detail));
    const auto service = of ? services.find(of->service) : services.end();
    if (service != services.end()) done[service->second].push_back({&f});
  }
  std::vector<LostWrite> out;
  for (auto &[service, writes] : done) WriteJudge(facts, network, upTo, service).judge(writes, out);
  appendMerged(facts, network, upTo, out);
  appendUnheld(facts, network, upTo, out);
  std::stable_sort(out.begin(), out.end(), [](const LostWrite &a, const LostWrite &b) {
    return a.acknowledged < b.acknowledged;
  });
  return out;
}

} // namespace packetarium::analysis

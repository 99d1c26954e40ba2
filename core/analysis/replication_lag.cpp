// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/replication_lag.h"

#include <algorithm>

namespace packetarium::analysis {

using Lag = ReplicationLags::Lag;

void ReplicationLags::Log::cutFrom(std::uint64_t index) {
  if (index <= base) {
    *this = Log(); // nothing of it is left: it was lost with its disk
    base = index > 0 ? index - 1 : 0;
  } else if (index <= last()) {
    epochs.resize(index - base - 1);
  }
}

/// What lay there before was replaced, and all after it.
void ReplicationLags::Log::append(std::uint64_t index, std::uint64_t epoch) {
  if (index == 0) return;
  cutFrom(index);
  if (index > last() + 1) { // a log that is told from there on
    *this = Log();
    base = index - 1;
  }
  epochs.push_back(epoch);
}

void ReplicationLags::Log::stand(const SnapshotHeld &snapshot) {
  if (snapshot.index <= base) return;
  const std::uint64_t held = std::min<std::uint64_t>(epochs.size(), snapshot.index - base);
  epochs.erase(epochs.begin(), epochs.begin() + static_cast<std::ptrdiff_t>(held));
  base = snapshot.index;
  baseEpoch = snapshot.term;
}

std::vector<Lag> ReplicationLags::take(const trace::Record &r, const trace::Chunk &chunk) {
  using trace::FactTopic;
  std::vector<Lag> changed;
  if (r.kind == trace::RecordKind::NodeState) {
    if (static_cast<trace::NodeHealth>(r.detail) != trace::NodeHealth::Crashed) return changed;
    for (auto &[name, service] : m_services)
      if (const auto member = service.members.find(r.node); member != service.members.end()) {
        member->second.serves = false;
        for (Lag &lag : compare(name, service)) changed.push_back(std::move(lag));
      }
    return changed;
  }
  if (r.kind != trace::RecordKind::Fact) return changed;
  const auto topic = static_cast<FactTopic>(r.detail);
  if (topic != FactTopic::Role && topic != FactTopic::Log && topic != FactTopic::Snapshot)
    return changed;
  const std::string_view value = chunk.text(r.args[2]);
  auto found = m_services.find(chunk.text(r.args[1]));
  if (found == m_services.end())
    found = m_services.emplace(std::string(chunk.text(r.args[1])), Service{}).first;
  auto &[name, service] = *found;
  Member &member = service.members[r.node];
  if (topic == FactTopic::Role) {
    member.serves = isServing(value);
  } else if (topic == FactTopic::Log) {
    const auto change = logChange(value);
    if (!change) return changed;
    member.told = true;
    if (change->what != LogChange::What::Append && change->what != LogChange::What::Truncate)
      return changed;
    takeLog(service, member, *change, r.at);
  } else if (const auto snapshot = snapshotHeld(value)) {
    member.log.stand(*snapshot);
  }
  return compare(name, service);
}

void ReplicationLags::takeLog(Service &service, Member &member, const LogChange &change,
                              SimTime at) const {
  if (change.what == LogChange::What::Truncate) return member.log.cutFrom(change.index);
  if (change.index == 0) return;
  member.log.append(change.index, change.epoch);
  if (service.first.size() < change.index) service.first.resize(change.index, {0, at});
  auto &[epoch, since] = service.first[change.index - 1];
  if (epoch >= change.epoch && epoch != 0) return; // told again, or by one that was left behind
  epoch = change.epoch;
  since = at;
}

/// Of those that serve the one whose log counts: the newest epoch.
const ReplicationLags::Member *ReplicationLags::leader(const Service &service) {
  const Member *best = nullptr;
  for (const auto &[node, member] : service.members)
    if (member.told && member.serves &&
        (best == nullptr || member.log.lastEpoch() > best->log.lastEpoch()))
      best = &member;
  return best;
}

std::vector<Lag> ReplicationLags::compare(const std::string &name, Service &service) const {
  std::vector<Lag> changed;
  const Member *leads = leader(service);
  for (auto &[node, member] : service.members) {
    if (!member.told) continue;
    const std::uint64_t ahead = leads == nullptr ? 0 : leads->log.last();
    const std::uint64_t lag = ahead > member.log.last() ? ahead - member.log.last() : 0;
    // One that leads has a line only when it was behind before.
    const bool news = member.known ? lag != member.lag : leads != nullptr && &member != leads;
    member.lag = lag;
    if (!news) continue;
    member.known = true;
    changed.push_back(lagOf(name, service, node));
  }
  return changed;
}

Lag ReplicationLags::lagOf(const std::string &name, const Service &service, std::uint32_t node) {
  const Member &member = service.members.at(node);
  Lag lag{node, name, member.lag, {}};
  if (member.lag > 0 && member.log.last() < service.first.size())
    lag.since = service.first[member.log.last()].second;
  return lag;
}

std::vector<Lag> ReplicationLags::behind() const {
  std::vector<Lag> all;
  for (const auto &[name, service] : m_services)
    for (const auto &[node, member] : service.members)
      if (member.lag > 0) all.push_back(lagOf(name, service, node));
  return all;
}

} // namespace packetarium::analysis

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_store/settings.h"

#include "core/programs/declare.h"
#include "core/programs/kv_protocol.h"

#include <algorithm>

namespace packetarium::programs::kv {
namespace {

std::string textIn(const ParameterRow &row, const std::string &key) {
  const auto found = row.values.find(key);
  const auto *text = found == row.values.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string{} : *text;
}

} // namespace

Settings::Settings(const ParameterValues &v)
    : service(v.text("service").empty() ? "store" : v.text("service")),
      port(static_cast<std::uint16_t>(v.integer("port"))),
      memberPort(static_cast<std::uint16_t>(v.integer("member_port"))),
      role(v.text("role")),
      mode(v.text("mode") == "sync"        ? Replication::Sync
           : v.text("mode") == "semi-sync" ? Replication::SemiSync
                                           : Replication::Async),
      syncReplicas(static_cast<std::size_t>(v.integer("sync_replicas"))),
      fallback(v.duration("fallback_to_async_ns")),
      shipInterval(v.duration("ship_interval_ns")),
      disk(v.text("sync_disk") == "never"      ? DiskSync::Never
           : v.text("sync_disk") == "interval" ? DiskSync::Interval
                                               : DiskSync::EachWrite),
      diskInterval(v.duration("disk_interval_ns")),
      heartbeat(v.duration("heartbeat_interval_ns")),
      deadAfter(v.integer("dead_after")),
      automatic(v.text("promotion") == "automatic"),
      majority(v.boolean("majority")),
      readsAtPrimary(v.text("reads") == "primary"),
      rewinds(v.text("rejoin") == "rewind"),
      catchUpWait(v.duration("catch_up_wait_ns")),
      serviceTime(v.duration("service_ns")) {}

Members::Members(const std::vector<ParameterRow> &rows, const std::vector<wire::Ipv4Address> &own,
                 const std::string &nodeName) {
  for (const ParameterRow &row : rows) {
    const auto address = wire::Ipv4Address::parse(textIn(row, "address"));
    const std::string name = textIn(row, "name");
    const Member member{name.empty() ? textIn(row, "address") : name,
                        address.value_or(wire::Ipv4Address{})};
    const bool mine = std::find(own.begin(), own.end(), member.address) != own.end();
    if (mine && m_self == none) m_self = m_members.size();
    m_members.push_back(member);
  }
  if (!m_members.empty()) return;
  m_members.push_back({nodeName, own.empty() ? wire::Ipv4Address{} : own.front()});
  m_self = 0;
}

std::size_t Members::byName(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (m_members[i].name == name) return i;
  return none;
}

std::uint64_t Members::nextOwnEpoch(std::uint64_t after) const {
  std::uint64_t epoch = after + 1;
  while (ownerOf(epoch) != m_self) ++epoch;
  return epoch;
}

std::vector<Parameter> storeParameters() {
  using namespace declare;
  Parameter clients = integer("port", "", kv::port, 1, 65535, "TCP port of its clients");
  return {
      text("service", "", "What it is called in views of services; empty: store"),
      std::move(clients),
      integer("member_port", "", memberPort, 1, 65535,
              "TCP and UDP port of the members among themselves"),
      records("members",
              {text("name", "", "As views and messages call it"),
               required(address("address", "Where it is reached"))},
              "All members, this one included, first choice first; empty: it is alone"),
      choice("role", {"", "primary", "replica"},
             "At the start of the run; empty: the first member is primary"),
      choice("mode", {"async", "semi-sync", "sync"},
             "When a client is told that its write is done: at once, when some replicas have it, "
             "when all have it"),
      integer("sync_replicas", "", 1, 1, 100, "Semi-sync: how many replicas must have it"),
      duration("fallback_to_async_ns", packetarium::Duration{}, 0, hour,
               "Semi-sync: waits no longer than this for replicas, then goes on without; 0: never"),
      duration("ship_interval_ns", packetarium::Duration{}, 0, hour,
               "While no replica is waited for: hands its log on this often; 0: at once"),
      choice("sync_disk", {"each-write", "interval", "never"},
             "When the log goes from memory to the disk for certain"),
      duration("disk_interval_ns", packetarium::Duration::seconds(1), millisecond, hour,
               "Interval: how often"),
      duration("heartbeat_interval_ns", packetarium::Duration::ms(500), millisecond, hour,
               "How often the primary tells that it lives"),
      integer("dead_after", "", 3, 1, 1000, "Heartbeats missed until the primary counts as gone"),
      choice("promotion", {"manual", "automatic"}, "Who makes a replica the new primary"),
      boolean("majority", true,
              "Automatic: only with the votes of most members; else the best of those it reaches"),
      choice("reads", {"primary", "any"}, "Who answers reads"),
      choice("rejoin", {"rewind", "refuse"},
             "A former primary throws away what the new one does not have, or stays out"),
      duration(
          "catch_up_wait_ns", packetarium::Duration::ms(500), 0, hour,
          "A replica behind what a client has seen waits so long, then sends it to the primary"),
      duration("service_ns", packetarium::Duration::us(100), 0, hour,
               "Work on one request; one after another"),
  };
}

} // namespace packetarium::programs::kv

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/quorum_store/settings.h"

#include "core/programs/declare.h"
#include "core/programs/kv_protocol.h"

#include <algorithm>

namespace packetarium::programs::quorum {

Settings::Settings(const ParameterValues &v)
    : service(v.text("service").empty() ? "store" : v.text("service")),
      port(static_cast<std::uint16_t>(v.integer("port"))),
      memberPort(static_cast<std::uint16_t>(v.integer("member_port"))),
      n(static_cast<std::size_t>(v.integer("n"))),
      r(std::min(n, static_cast<std::size_t>(v.integer("r")))),
      w(std::min(n, static_cast<std::size_t>(v.integer("w")))),
      sloppy(v.boolean("sloppy")),
      hintedHandoff(v.boolean("hinted_handoff")),
      readRepair(v.boolean("read_repair")),
      syncDisk(v.boolean("sync_disk")),
      antiEntropy(v.duration("anti_entropy_ns")),
      virtualNodes(static_cast<std::uint32_t>(v.integer("virtual_nodes"))),
      policy(v.text("policy") == "siblings" ? Policy::Siblings : Policy::LastWriteWins),
      timeout(v.duration("timeout_ns")),
      retry(v.duration("retry_ns")),
      heartbeat(v.duration("heartbeat_interval_ns")),
      deadAfter(v.integer("dead_after")),
      serviceTime(v.duration("service_ns")) {}

std::vector<Parameter> quorumParameters() {
  using namespace declare;
  constexpr double replicasMax = 100;
  return {
      text("service", "", "What it is called in views of services; empty: store"),
      port(kv::port, "TCP port of its clients"),
      integer("member_port", "", kv::memberPort, 1, 65535,
              "UDP port of the members among themselves"),
      records("members",
              {text("name", "", "As views and messages call it"),
               required(address("address", "Where it is reached"))},
              "All members, this one included; empty: it is alone"),
      integer("n", "", 3, 1, replicasMax, "N: how many replicas each key has"),
      integer("r", "", 2, 1, replicasMax, "R: how many replicas must answer a read"),
      integer("w", "", 2, 1, replicasMax, "W: how many replicas must have a write on their disks"),
      boolean("sloppy", true,
              "Other members stand in for replicas that are out of reach; else only a key's own "
              "replicas count"),
      boolean("hinted_handoff", true,
              "What a replica missed is kept for it and handed over when it answers again"),
      boolean("read_repair", true, "Replicas whose answer to a read was old are brought up"),
      duration("anti_entropy_ns", Duration::seconds(5), 0, hour,
               "How often a member compares its tree of hashes with another one's; 0: never"),
      integer("virtual_nodes", "", 8, 1, 256, "Points of each member on the ring"),
      choice("policy", {"siblings", "last-write-wins"},
             "Writes that did not know of each other stand side by side, or the latest time stamp "
             "stays"),
      duration("timeout_ns", Duration::ms(500), millisecond, hour,
               "So long a request waits for enough replicas"),
      duration("retry_ns", Duration::ms(100), millisecond, hour,
               "A replica that has not answered is asked again"),
      duration("heartbeat_interval_ns", Duration::ms(200), millisecond, hour,
               "How often members tell each other that they live"),
      integer("dead_after", "", 3, 1, 1000, "Heartbeats missed until a member counts as gone"),
      boolean("sync_disk", true, "A write is on a replica's disk before it counts"),
      duration("service_ns", Duration::us(100), 0, hour, "Work on one request; one after another"),
  };
}

} // namespace packetarium::programs::quorum

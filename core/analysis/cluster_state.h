// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/fact_book.h"
#include "core/base/sim_time.h"
#include "core/net/blueprint.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the members of replicated services are and hold at an instant, from the facts they told.
namespace packetarium::analysis {

/// What a node is for one service.
struct RoleView {
  std::uint32_t node = 0;
  std::string service;
  std::string
      role; ///< "active", "standby", "primary", "replica", "master", "backup", "starting", …
  std::string why;
  SimTime since;
  trace::Sequence record = 0;
};

/// The last role that each node told for each service, by (service, node); "down" once it crashed,
/// until it tells another.
std::vector<RoleView> rolesAt(const FactBook &facts, trace::Sequence upTo);

/// One entry of a replicated log, as one node has it.
struct LogEntryView {
  std::uint64_t index = 0, epoch = 0;
  std::string operation;      ///< "write cart 17"
  bool acknowledged = false;  ///< its client was told that it is done
  bool committed = false;     ///< as far as this node knows
  bool divergent = false;     ///< another member that serves holds something else at this index
  bool thrownAway = false;    ///< it was here and was cut off; kept to be shown
  trace::Sequence record = 0; ///< of its append
};
struct LogView {
  std::uint32_t node = 0;
  std::string service;
  std::vector<LogEntryView> entries; ///< by index; thrown away ones before what replaced them
  std::uint64_t first = 1, last = 0, committed = 0;
  std::uint64_t lag = 0; ///< entries behind the member that serves
  /// Of the snapshot that stands for the entries up to it; 0: there is none. Entries begin after
  /// it.
  std::uint64_t snapshotIndex = 0, snapshotTerm = 0;
};

/// An address that moved away from where the document put it, or was added.
struct HeldAddress {
  std::uint32_t node = 0;
  std::uint32_t link = 0xffffffffU;
  wire::Ipv4Address address;
  SimTime since;
};

struct ConflictView {
  std::string service, key;
  SimTime at;
  std::uint32_t node = 0;
  trace::Sequence record = 0;
  std::string versions; ///< one a line, as core/cluster/merge.h reads them
  std::string merged;   ///< what the policy made of them, and what it lost; empty: handed on
};

struct ClusterState {
  std::vector<RoleView> roles;         ///< by (service, node)
  std::vector<LogView> logs;           ///< by (service, node)
  std::vector<HeldAddress> addresses;  ///< by (node, address)
  std::vector<ConflictView> conflicts; ///< oldest first
};
/// As told up to and with the record. keepEntries: of each log, the last so many.
ClusterState clusterState(const FactBook &facts, const net::Blueprint &network,
                          trace::Sequence upTo, std::size_t keepEntries = 64);

/// A write whose client was told that it is done, and that no surviving member holds, or that the
/// settling of a conflict threw away. In a store without a common log: that no replica holds, nor a
/// version that replaces it.
struct LostWrite {
  std::string service, operation; ///< "write cart 17"
  std::string client;             ///< process of the client
  SimTime acknowledgedAt, lostAt;
  trace::Sequence acknowledged = 0, lost = 0; ///< Operation ok; Log truncate (0: it was only
                                              ///< with a member that never came back)
  std::uint64_t index = 0, epoch = 0;
  std::uint32_t node = 0; ///< that had it
  std::string story;      ///< sentences
};
/// Judged at the record: what the member that serves then (or will, by the newest epoch) does not
/// hold. Ordered by acknowledgement.
std::vector<LostWrite> lostWrites(const FactBook &facts, const net::Blueprint &network,
                                  trace::Sequence upTo);

/// Machines and what they do, the price of being available.
struct MachineShare {
  std::uint32_t node = 0;
  std::string service;
  Duration active, idle; ///< since the start: serving, or standing by
};
std::vector<MachineShare> machineShares(const FactBook &facts, trace::Sequence upTo, SimTime until);

} // namespace packetarium::analysis

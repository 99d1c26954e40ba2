// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"

#include <cstdint>
#include <string>
#include <vector>

namespace packetarium::programs::kv {

enum class Replication : std::uint8_t { Async, SemiSync, Sync };
enum class DiskSync : std::uint8_t { EachWrite, Interval, Never };

/// What a document asks of a store.
struct Settings {
  explicit Settings(const ParameterValues &v);

  std::string service;
  std::uint16_t port = 0, memberPort = 0;
  std::string role; ///< at the start of the run; "": the first member is primary
  Replication mode = Replication::Async;
  std::size_t syncReplicas = 1;
  Duration fallback;     ///< 0: never
  Duration shipInterval; ///< 0: at once
  DiskSync disk = DiskSync::EachWrite;
  Duration diskInterval, heartbeat;
  std::int64_t deadAfter = 3;
  bool automatic = false, majority = true, readsAtPrimary = true, rewinds = true;
  Duration catchUpWait, serviceTime;

  /// Of silence, after which a primary is suspected: the first heartbeat was missed.
  Duration suspectAfter() const { return heartbeat + heartbeat / 2; }
  /// Of silence, after which a member counts as gone: so many heartbeats were missed.
  Duration deadTime() const { return heartbeat * deadAfter + heartbeat / 2; }
};

struct Member {
  std::string name;
  wire::Ipv4Address address;
};

/// All members, this one among them, in the order of the document. Each owns every n-th epoch, so
/// that no two primaries ever share one.
class Members {
public:
  Members() = default;
  /// own: addresses of this node. Without rows this node is the only member.
  Members(const std::vector<ParameterRow> &rows, const std::vector<wire::Ipv4Address> &own,
          const std::string &nodeName);

  static constexpr std::size_t none = ~std::size_t{0};
  std::size_t size() const { return m_members.size(); }
  std::size_t self() const { return m_self; } ///< none when no row has an address of this node
  const Member &at(std::size_t i) const { return m_members[i]; }
  std::string nameOf(std::size_t i) const { return i < size() ? m_members[i].name : "nobody"; }
  std::size_t byName(std::string_view name) const;
  std::size_t majority() const { return size() / 2 + 1; }
  /// Who leads in an epoch (1 or more).
  std::size_t ownerOf(std::uint64_t epoch) const { return (epoch - 1) % size(); }
  /// The first epoch of this member's own after the given one.
  std::uint64_t nextOwnEpoch(std::uint64_t after) const;

private:
  std::vector<Member> m_members;
  std::size_t m_self = none;
};

std::vector<Parameter> storeParameters();

} // namespace packetarium::programs::kv

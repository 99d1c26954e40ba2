// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"
#include "core/programs/quorum_store/versions.h"

#include <cstdint>
#include <string>
#include <vector>

namespace packetarium::programs::quorum {

/// What a document asks of a quorum store.
struct Settings {
  explicit Settings(const ParameterValues &v);

  std::string service;
  std::uint16_t port = 0, memberPort = 0;
  std::size_t n = 3, r = 2, w = 2; ///< r and w at most n
  bool sloppy = true, hintedHandoff = true, readRepair = true, syncDisk = true;
  Duration antiEntropy; ///< 0: never
  std::uint32_t virtualNodes = 8;
  Policy policy = Policy::Siblings;
  Duration timeout; ///< of a request, for its replicas to answer
  Duration retry;   ///< a replica that has not answered is asked again
  Duration heartbeat;
  std::int64_t deadAfter = 3;
  Duration serviceTime;

  /// Of silence, after which a member counts as gone.
  Duration deadTime() const { return heartbeat * deadAfter + heartbeat / 2; }
};

std::vector<Parameter> quorumParameters();

} // namespace packetarium::programs::quorum

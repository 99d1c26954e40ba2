// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/base/ring.h"
#include "core/trace/record.h"

#include <array>
#include <cstdint>

namespace packetarium::net {

/// A frame that waits in front of a link, or flies along it.
struct QueuedFrame {
  std::uint32_t slot = 0;
  std::uint8_t prefixLength = 255; ///< of the route that sent it here
  trace::Sequence record = 0;      ///< its FrameQueued
  SimTime queuedAt;
  trace::Sequence cause = 0;
};

struct FlyingFrame {
  std::uint32_t slot = 0;
  std::uint32_t flight = 0;   ///< what its arrival event names
  bool gone = false;          ///< lost on the way; waits here for its turn to leave the ring
  trace::Sequence record = 0; ///< its FrameSent
  SimTime sentAt;
  SimTime arrival;
  std::uint8_t prefixLength = 255;
  trace::Sequence cause = 0;
  trace::Sequence queued = 0;
};

/// One direction of a link.
struct LinkDirection {
  SimTime busyUntil;
  SimTime lastArrival; ///< jitter never lets a frame overtake the one before it
  std::uint32_t nextFlight = 0;
  Ring<QueuedFrame> queue;
  Ring<FlyingFrame> flying;
  RandomStream lossStream;
  RandomStream jitterStream;
  RandomStream mishapStream; ///< duplicates, reordering and corruption
};

/// What befalls a frame on its way; the aux of its arrival event.
enum class Mishap : std::uint16_t { None, Lost, Blocked, Corrupted };

/// A full-duplex point-to-point link: rate, delay, jitter, loss, and a bounded drop-tail queue in
/// each direction.
struct Link {
  std::uint64_t rateBps = 0;
  Duration delay;
  Duration jitter;
  double loss = 0;
  std::uint32_t queuePackets = 0;
  std::uint32_t epoch = 0; ///< grows with every cut, so that events of frames lost in it are stale
  bool up = true;
  double duplicate = 0, reorder = 0, corrupt = 0; ///< probabilities
  int blocked = 0;                                ///< see net::LinkSpec
  Duration flap;                                  ///< period; 0: steady
  std::uint32_t flapGeneration = 0;               ///< grows with every change of flap
  std::array<LinkDirection, 2> directions;
};

/// Time to put a frame on the wire: bytes x 8 / rate, rounded up to whole nanoseconds.
constexpr Duration transmissionTime(std::uint32_t frameBytes, std::uint64_t rateBps) {
  __extension__ using Wide = unsigned __int128;
  const Wide bitsNs = static_cast<Wide>(frameBytes) * 8 * 1'000'000'000ULL;
  return Duration::ns(static_cast<std::int64_t>((bitsNs + rateBps - 1) / rateBps));
}

} // namespace packetarium::net

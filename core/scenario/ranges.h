// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <cstddef>
#include <cstdint>

/// Largest values a document may hold (the smallest is 0 unless another is named), shared by
/// reading and checking.
namespace packetarium::scenario::range {

constexpr std::uint64_t timeNs = 1'000'000'000'000'000'000; ///< about 31 years
constexpr std::uint64_t timeoutNsMin = 1'000'000;           ///< of ARP and MAC tables
constexpr std::uint64_t linkNs = 3'600'000'000'000;         ///< delay, jitter: 1 h
constexpr std::uint64_t rateBps = 1'000'000'000'000;        ///< from 1
constexpr std::uint64_t queuePackets = 1'000'000;
constexpr double slowness = 1000;          ///< from 1
constexpr double clockOffsetNs = 86'400e9; ///< a day, either way
constexpr double clockDriftPpm = 100'000;  ///< either way
constexpr double partitions = 100;         ///< sides, from 1
constexpr std::uint32_t blocked = 2;
constexpr std::uint64_t cost = 1'000'000; ///< from 1
constexpr std::uint64_t ordinal = 1'000'000'000;
constexpr std::int32_t canvas = 1'000'000; ///< either way
constexpr std::size_t cardLines = 50;
/// Routes a build may choose in all: bounds its memory.
constexpr std::size_t routesBuilt = 8'000'000;
/// Routes that are written into the document; more than that are chosen when building.
constexpr std::size_t routesWritten = 4096;

/// A value that is in range for any action, in place of one that could not be read.
constexpr double goodValue = 1;

} // namespace packetarium::scenario::range

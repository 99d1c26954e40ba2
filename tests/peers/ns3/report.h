// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>

/// What a load came to, printed with the keys of `packetarium-cli bench --json`.
struct Report {
  const char *load = "";
  double simulatedS = 0;
  double wallS = 0; ///< the run alone, without building the network
  std::uint64_t events = 0;
  std::uint64_t packetHops = 0;
  double goodputBps = 0;

  void print() const {
    std::printf("{\"load\": \"%s\", \"simulated_s\": %.3f, \"wall_s\": %.6f, \"events\": %llu, "
                "\"events_per_s\": %.1f, \"packet_hops\": %llu, \"packet_hops_per_s\": %.1f, "
                "\"goodput_bps\": %.1f}\n",
                load, simulatedS, wallS, static_cast<unsigned long long>(events),
                static_cast<double>(events) / wallS, static_cast<unsigned long long>(packetHops),
                static_cast<double>(packetHops) / wallS, goodputBps);
  }
};

/// Wall seconds that `work` takes.
template <class Work> double timed(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A small generator, so that drawing numbers costs ns-3 no more than it costs us (SplitMix64).
class Draw {
public:
  explicit Draw(std::uint64_t seed) : m_state(seed) {}
  /// Uniform in 0 to bound-1.
  std::uint64_t below(std::uint64_t bound) {
    std::uint64_t z = (m_state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(z) * bound) >> 64);
  }

private:
  std::uint64_t m_state;
};

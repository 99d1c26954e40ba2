// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace packetarium::cli {

/// A line on standard error that tells how far long work has got: shown from half a second on, and
/// only on a terminal; erased when it goes out of scope.
class Progress {
public:
  Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;
  ~Progress();

  /// share of the work done, 0 to 1; at most ten times a second.
  void update(double share, double simulatedSeconds, std::uint64_t events);
  /// So many of something: "12 %  120 of 1000 runs".
  void update(std::uint64_t done, std::uint64_t of, std::string_view what);
  double elapsedSeconds() const;

private:
  bool due();
  using Clock = std::chrono::steady_clock;
  Clock::time_point m_start = Clock::now();
  Clock::time_point m_last = m_start;
  bool m_terminal = false;
  bool m_shown = false;
};

} // namespace packetarium::cli

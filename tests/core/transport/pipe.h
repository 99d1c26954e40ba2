// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "tests/core/transport/tcp_bench.h"

#include <algorithm>
#include <functional>
#include <memory>

namespace packetarium::transport::testing {

/// What befalls segments between the two ends.
struct PipeOptions {
  Duration delay = Duration::ms(10);
  Duration jitter; ///< more than the gap between segments reorders them
  double loss = 0;
  double duplicate = 0;
  double stall = 0; ///< that B's program stops or resumes reading, at each step
};

/// Two connections, A (0) and B (1), joined by an in-memory pipe. A value, like what it joins.
class Pipe {
public:
  RecordingHands hands[2];
  TcpConnection ends[2];
  std::vector<Sent> log[2];                   ///< all that each end sent
  std::vector<std::pair<bool, Sent>> capture; ///< at A: what it sent (true) and what reached it
  /// Segments to lose, by the end that sends and the how manyeth of all it sends.
  std::vector<std::pair<int, std::size_t>> lose;

  Pipe(const TcpOptions &a, const TcpOptions &b, std::uint32_t issA, std::uint32_t issB,
       const PipeOptions &options, std::uint64_t seed)
      : ends{TcpConnection(a, 1111, 80, issA), TcpConnection(b, 80, 0, issB)},
        m_options(options),
        m_random(seed, "pipe", "fate") {}

  void open() {
    ends[1].openPassive(hands[1]);
    ends[0].openActive(hands[0]);
    collect();
  }
  /// Offers the end its stream up to this length, as fast as its buffer takes it.
  void stream(int end, std::uint64_t length) {
    m_wanted[end] = length;
    feed(end);
    collect();
  }
  /// Closes once the whole stream is in the buffer.
  void closeAfterStream(int end) {
    m_closeWhenFed[end] = true;
    feed(end);
    collect();
  }
  void close(int end) {
    ends[end].close(hands[end]);
    collect();
  }
  SimTime now() const { return m_now; }
  SimTime nextAt() const {
    SimTime next = std::min(hands[0].wake, hands[1].wake);
    for (const Flying &f : m_flying) next = std::min(next, f.at);
    return next;
  }
  /// Runs until the instant or until nothing happens any more.
  void run(SimTime until = SimTime::max()) {
    while (nextAt() != SimTime::max() && nextAt() <= until) step();
    if (nextAt() == SimTime::max() && !m_reading) {
      toggleReading();
      run(until);
    }
    if (until != SimTime::max()) setNow(until);
  }

private:
  struct Flying {
    SimTime at;
    std::uint64_t order;
    int to;
    Sent segment;
  };

  void setNow(SimTime t) { m_now = hands[0].clock = hands[1].clock = t; }

  void step() {
    setNow(nextAt());
    const auto first =
        std::min_element(m_flying.begin(), m_flying.end(), [](const Flying &x, const Flying &y) {
          return std::pair{x.at, x.order} < std::pair{y.at, y.order};
        });
    if (first != m_flying.end() && first->at == m_now) {
      const Flying f = *first;
      m_flying.erase(first);
      if (f.to == 0) {
        capture.emplace_back(false, f.segment);
        capture.back().second.at = m_now;
      }
      ends[f.to].onSegment(hands[f.to], f.segment.header, f.segment.text);
    } else {
      const int end = hands[0].wake == m_now ? 0 : 1;
      hands[end].wake = SimTime::max();
      ends[end].onTimer(hands[end]);
    }
    feed(0);
    feed(1);
    if (m_random.chance(m_options.stall)) toggleReading();
    collect();
  }

  void toggleReading() {
    m_reading = !m_reading;
    ends[1].setReading(hands[1], m_reading);
    collect();
  }

  void feed(int end) {
    const TcpState s = ends[end].state();
    if (s < TcpState::SynSent) return;
    while (m_fed[end] < m_wanted[end]) {
      const auto chunk =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(m_wanted[end] - m_fed[end], 1 << 20));
      const auto taken =
          ends[end].send(hands[end], wire::Payload::pattern(m_fed[end] + m_shift[end], chunk));
      m_fed[end] += taken;
      if (taken < chunk) return;
    }
    if (!m_closeWhenFed[end] || s < TcpState::Established) return;
    m_closeWhenFed[end] = false;
    ends[end].close(hands[end]);
  }

  void collect() {
    for (int end = 0; end < 2; ++end) {
      for (Sent &s : hands[end].sent) {
        log[end].push_back(s);
        if (end == 0) capture.emplace_back(true, s);
        const bool doomed =
            std::find(lose.begin(), lose.end(), std::pair{end, log[end].size() - 1}) != lose.end();
        if (doomed || m_random.chance(m_options.loss)) continue;
        fly(1 - end, s);
        if (m_random.chance(m_options.duplicate)) fly(1 - end, s);
      }
      hands[end].sent.clear();
    }
  }
  void fly(int to, const Sent &s) {
    const Duration extra = m_random.uniform(Duration{}, m_options.jitter);
    m_flying.push_back({m_now + m_options.delay + extra, m_order++, to, s});
  }

  PipeOptions m_options;
  RandomStream m_random;
  SimTime m_now;
  std::vector<Flying> m_flying;
  std::uint64_t m_order = 0;
  std::uint64_t m_wanted[2] = {0, 0};
  std::uint64_t m_fed[2] = {0, 0};
  std::uint64_t m_shift[2] = {0, 13}; ///< the two directions carry different bytes
  bool m_closeWhenFed[2] = {false, false};
  bool m_reading = true;
};

} // namespace packetarium::transport::testing

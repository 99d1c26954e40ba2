// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/hash.h"
#include "core/judge/linearizability.h"

#include <string>
#include <vector>

/// Histories for tests, and a checker so plain that it can be read.
namespace packetarium::judge::testing {

/// Writes a history down event by event: returns the number of the operation begun.
class Told {
public:
  explicit Told(std::string key = "x") : m_key(std::move(key)) {}
  std::size_t write(const std::string &process, const std::string &value);
  std::size_t append(const std::string &process, const std::string &value);
  std::size_t cas(const std::string &process, Value from, const std::string &to);
  std::size_t read(const std::string &process);
  void ok(std::size_t operation) { end(operation, Outcome::Ok); }
  void ok(std::size_t operation, Value result);
  void fail(std::size_t operation) { end(operation, Outcome::Fail); }
  void info(std::size_t operation);
  /// Begun and ended at once.
  std::size_t wrote(const std::string &process, const std::string &value);
  std::size_t gave(const std::string &process, Value result);
  void setKey(std::string key) { m_key = std::move(key); }
  const History &history() const { return m_history; }

private:
  std::size_t begin(const std::string &process, OperationKind kind);
  void end(std::size_t operation, Outcome outcome);
  std::string m_key;
  History m_history;
  std::size_t m_order = 0;
};

/// Small random numbers for tests: SplitMix64.
class Dice {
public:
  explicit Dice(std::uint64_t seed) : m_state(seed) {}
  std::uint64_t below(std::uint64_t n) {
    m_state += 0x9e3779b97f4a7c15ULL;
    return mix64(m_state) % n;
  }

private:
  std::uint64_t m_state;
};

struct RandomOptions {
  std::size_t operations = 6;
  std::size_t processes = 3;
  std::uint64_t values = 3;
  bool cas = true;
  bool append = false;
  std::uint64_t keys = 1;
  bool unique = false; ///< each write's value is its own
  std::uint64_t infoPercent = 15, failPercent = 5;
  /// Reads give what a real register gave, but for so many of a hundred, which give anything.
  std::uint64_t wrongPercent = 15;
};
/// What clients of registers may have told; mostly right, so that both answers are common.
History randomHistory(std::uint64_t seed, const RandomOptions &options);

/// Tries every order. initial: of every register.
bool naiveIsLinearizable(const History &history, const Value &initial);
/// The same, but only each process's own order is kept.
bool naiveIsSequential(const History &history, const Value &initial);

/// Whether the order keeps real time and what a register (or text) does, and misses nothing that
/// returned before `until` (a place in the order of events).
bool isLegalOrder(const History &history, const std::vector<std::size_t> &order,
                  const Value &initial, std::size_t until = Operation::never);

} // namespace packetarium::judge::testing

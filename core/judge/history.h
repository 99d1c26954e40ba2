// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/sim_time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the clients of a store saw: each of their operations with the instants between which it
/// took place. The one thing that every judgement of consistency is made from.
namespace packetarium::judge {

enum class OperationKind : std::uint8_t { Read, Write, Cas, Append };
std::string_view name(OperationKind kind); ///< "read"

enum class Outcome : std::uint8_t {
  Ok,   ///< it took effect between its invocation and its return
  Fail, ///< it did not take effect
  Info  ///< it may have taken effect, or may yet, at any time after its invocation
};
std::string_view name(Outcome outcome); ///< "ok"

/// What a register holds; nothing: it was never set. Numbers are kept as their decimal text.
using Value = std::optional<std::string>;

struct Operation {
  static constexpr std::size_t never = ~std::size_t{0};

  std::string process; ///< one does one operation at a time
  std::string key;
  OperationKind kind = OperationKind::Read;
  Outcome outcome = Outcome::Info;
  Value argument;           ///< write: the value; append: what is added; cas: the new value
  Value expected;           ///< cas: the old value
  Value result;             ///< read: what it gave
  bool resultKnown = false; ///< read: false lets it have given anything
  SimTime invoked;
  std::optional<SimTime> returned; ///< of Ok and Fail, and of Info where the client gave up
  /// Places in the order of all invocations and returns: an operation precedes another one in real
  /// time when its returnOrder is less than the other's invokeOrder. never: stays open to the end.
  std::size_t invokeOrder = 0, returnOrder = never;
  std::uint64_t invokeRecord = 0, returnRecord = 0; ///< of the trace; 0: from a file
  std::uint32_t node = 0xffffffffU;                 ///< of the client, when known

  bool precedes(const Operation &other) const { return returnOrder < other.invokeOrder; }
  bool changes() const { return kind != OperationKind::Read; }
  bool operator==(const Operation &) const = default;
};
/// "write cart 17", "cas seat free → ann", "read cart → 17", for people.
std::string text(const Operation &operation);

struct History {
  std::vector<Operation> operations; ///< by invokeOrder
  bool operator==(const History &) const = default;
};

struct ReadOptions {
  bool nullIsAny = false; ///< a read's null is an unknown result, not "never set"
};
/// JSON lines: process, type (invoke, ok, fail, info), f (read, write, cas, append), key (may be
/// left out: ""), value, t_ns (may be left out). Lines are in real-time order. Faults name the
/// line. Bounded: 1 000 000 lines, 64 KiB a line. An invoke without a return stays open.
Result<History> readHistory(std::string_view jsonLines, ReadOptions options = {});
/// The same format; what readHistory reads again as an equal history (but for records and nodes).
std::string writeHistory(const History &history);

/// The operations of each key, in order: indices into history.operations. By key.
std::vector<std::pair<std::string, std::vector<std::size_t>>> byKey(const History &history);

} // namespace packetarium::judge

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/cluster_message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::programs::kv {

/// What one client wants of the store.
struct Operation {
  /// How its value becomes one that is written once in a run.
  enum class Unique : std::uint8_t {
    AsItIs,
    Whole, ///< "<process>.<number>", with a comma behind it when it is appended
    Tagged ///< what it is, and "~<process>.<number>"
  };

  std::string verb; ///< read, write, add, remove, cas, append
  std::string key, value;
  std::optional<std::string> from = {}; ///< cas: the value it replaces; nothing: never set
  Unique unique = Unique::AsItIs;
  bool persists = false; ///< is asked for until its outcome is known

  bool isRead() const { return verb == "read"; }
  std::string title() const { return verb + " " + key; } ///< of the request
  /// As facts tell it: "write cart 17", "cas seat free ann", with "-" for no value.
  std::string text(std::string_view withValue) const;
  wire::cluster::Message message(std::uint64_t id) const;
  void makeUnique(const std::string &process, std::uint64_t number);
};

/// What became of an operation, as its client learned it.
struct Answer {
  enum class How : std::uint8_t {
    Done,
    Otherwise, ///< a cas that found another value
    NotDone,   ///< for certain
    Unknown    ///< perhaps done, now or later
  };
  How how = How::Done;
  /// What the key now holds: what a read or a failed cas found (several where versions stand side
  /// by side, none when it was never set), what was written.
  std::vector<std::string> values;
};

} // namespace packetarium::programs::kv

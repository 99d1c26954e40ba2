// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/shared_log.h"
#include "core/base/sim_time.h"
#include "core/trace/record.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace packetarium::world {

/// A node's disk: files of entries. What is written is seen at once and survives a crash once a
/// sync that began after it has ended. A value; copies share the entries.
class Disk {
public:
  static constexpr std::string_view recoveryFile = "recovery";
  struct Sync {
    std::uint32_t number = 0, program = 0;
    std::uint64_t tag = 0;
    trace::Sequence cause = 0;
    std::size_t changes = 0; ///< of the journal that it makes durable
  };

  void append(std::string_view file, std::string entry);
  void truncate(std::string_view file, std::size_t entries);
  std::vector<std::string> read(std::string_view file) const;
  /// Syncs follow one another; gives the sync's number and when it will be done.
  std::pair<std::uint32_t, SimTime> beginSync(SimTime now, Duration length, std::uint32_t program,
                                              std::uint64_t tag, trace::Sequence cause);
  /// The sync is done; nothing when a crash ended it.
  std::optional<Sync> endSync(std::uint32_t number);
  /// The node crashed: what was not synced is gone. A truncation that is lost brings entries back
  /// that had been replaced: the file recoveryFile has a line "7 name" for each file of
  /// which only the first 7 entries are sure to be as they were last seen.
  void crash();
  /// An empty disk.
  void wipe() { *this = Disk(); }

private:
  using File = SharedLog<std::string>;
  struct Change {
    std::string file;
    std::optional<std::string> appended; ///< else a truncation
    std::size_t entries = 0;
  };
  static void apply(std::map<std::string, File, std::less<>> &files, const Change &change);
  void write(Change change);

  std::map<std::string, File, std::less<>> m_seen, m_durable;
  std::deque<Change> m_journal; ///< what m_seen has and m_durable has not, in order
  std::deque<Sync> m_syncs;
  SimTime m_busyUntil;
  std::uint32_t m_nextSync = 1;
};

} // namespace packetarium::world

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/record.h"

#include <cstddef>

namespace packetarium::trace {

/// Memory for records, which several chunks share: where the system has large pages, a block is one
/// of them, and a long run does not spend its time on fetching small ones.
class RecordBlock {
public:
  /// Room for at least so many records.
  explicit RecordBlock(std::size_t records);
  ~RecordBlock();
  RecordBlock(const RecordBlock &) = delete;
  RecordBlock &operator=(const RecordBlock &) = delete;

  /// Not initialised.
  Record *begin() { return m_records; }
  std::size_t size() const { return m_size; }

private:
  Record *m_records = nullptr;
  std::size_t m_size = 0;
};

} // namespace packetarium::trace

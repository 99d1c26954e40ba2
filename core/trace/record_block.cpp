// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/record_block.h"

#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace packetarium::trace {
namespace {

constexpr std::size_t largePage = 2u << 20;
constexpr std::align_val_t aligned{largePage};
constexpr std::align_val_t line{64};

bool isLarge(std::size_t bytes) { return bytes >= largePage; }

} // namespace

RecordBlock::RecordBlock(std::size_t records) {
  std::size_t bytes = records * sizeof(Record);
  if (isLarge(bytes)) bytes = (bytes + largePage - 1) / largePage * largePage;
  void *const at = ::operator new(bytes, isLarge(bytes) ? aligned : line);
#ifdef __linux__
  // Only advice: where there are no large pages, small ones serve.
  if (isLarge(bytes)) ::madvise(at, bytes, MADV_HUGEPAGE);
#endif
  m_records = static_cast<Record *>(at);
  m_size = bytes / sizeof(Record);
}

RecordBlock::~RecordBlock() {
  const std::size_t bytes = m_size * sizeof(Record);
  ::operator delete(m_records, isLarge(bytes) ? aligned : line);
}

} // namespace packetarium::trace

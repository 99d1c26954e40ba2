// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/consistency.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace packetarium;
using namespace packetarium::judge;

/// Whatever the bytes are: a fault or a history, never a crash; a history is written and read again
/// as the same one, and every judgement of it comes to an end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  ReadOptions reading;
  reading.nullIsAny = size % 2 == 1;
  const auto history = readHistory({reinterpret_cast<const char *>(data), size}, reading);
  if (!history.ok()) return history.faults().empty() ? std::abort(), 0 : 0;
  const auto again = readHistory(writeHistory(*history));
  if (!again.ok() || again->operations.size() != history->operations.size()) std::abort();
  CheckOptions options;
  options.threads = 1;
  options.budget = std::chrono::milliseconds(20);
  options.statesMax = 10'000;
  options.model = modelFor(*history);
  const auto verdict = checkLinearizability(*history, options);
  if ((verdict.verdict == Verdict::False) != verdict.offending.has_value()) std::abort();
  checkSequential(*history, options);
  checkCausal(*history, options);
  checkSession(*history, Property::MonotonicReads, options);
  checkConvergence(*history, Duration::ms(1));
  if (!history->operations.empty()) longestPrefixWith(*history, 0, options);
  return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace packetarium::scenario;

/// Whatever the bytes are: faults or a document, never a crash; and a document that loads is saved
/// and loaded again unchanged, can be completed, and is built or refused with faults.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const auto loaded = parse({reinterpret_cast<const char *>(data), size});
  if (!loaded.ok()) return loaded.faults().empty() ? std::abort(), 0 : 0;
  const auto again = parse(toJson(*loaded));
  if (!again.ok() || !(*again == *loaded)) std::abort();
  const auto built = build(*loaded);
  if (!built.ok() && built.faults().empty()) std::abort();
  Scenario completed = *loaded;
  complete(completed);
  // A full subnet may leave addresses out, but what is chosen is never at fault.
  if (!validate(completed).empty()) std::abort();
  return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/embedded.h"
#include "core/scenario/fault_list.h"
#include "core/scenario/json.h"

#include <algorithm>
#include <filesystem>

namespace packetarium::scenario {

std::vector<std::string> builtInIds() {
  std::vector<std::string> ids;
  for (const EmbeddedFile &file : embeddedScenarios()) ids.emplace_back(file.name);
  std::stable_partition(ids.begin(), ids.end(),
                        [](const std::string &id) { return id == defaultScenarioId; });
  return ids;
}

Result<Scenario> loadBuiltIn(std::string_view id) {
  std::vector<std::string_view> ids;
  for (const EmbeddedFile &file : embeddedScenarios()) {
    if (file.name == id) return parse(file.text);
    ids.push_back(file.name);
  }
  return Fault{"", "there is no built-in scenario " + inQuotes(id) + hintAmong(id, ids)};
}

Result<Scenario> loadIdOrFile(const std::string &idOrFile, Accept accept) {
  const auto ids = builtInIds();
  if (std::find(ids.begin(), ids.end(), idOrFile) != ids.end()) return loadBuiltIn(idOrFile);
  std::error_code ignored;
  const bool looksLikeFile = idOrFile.find_first_of("./") != std::string::npos;
  if (looksLikeFile || std::filesystem::exists(idOrFile, ignored))
    return loadFile(idOrFile, accept);
  std::vector<std::string_view> known(ids.begin(), ids.end());
  return Fault{"", inQuotes(idOrFile) + " is neither a built-in scenario nor a file" +
                       hintAmong(idOrFile, known)};
}

} // namespace packetarium::scenario

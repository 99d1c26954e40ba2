# SPDX-License-Identifier: GPL-3.0-or-later
# Writes OUTPUT, a C++ file holding FILES (sorted by name) as string literals. Run with cmake -P.
set(files ${FILES})
list(LENGTH files count)
set(entries "")
foreach(path IN LISTS files)
  get_filename_component(name "${path}" NAME_WLE)
  file(READ "${path}" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(MAKE_C_IDENTIFIER "text_${name}" variable)
  string(APPEND arrays "constexpr char ${variable}[] = {\n${bytes}'\\0'};\n")
  string(APPEND entries
         "    EmbeddedFile{\"${name}\", {${variable}, sizeof ${variable} - 1}},\n")
endforeach()
file(WRITE "${OUTPUT}.new" "#include \"core/scenario/embedded.h\"

#include <array>

namespace packetarium::scenario {
namespace {
${arrays}
constexpr std::array<EmbeddedFile, ${count}> kFiles{{
${entries}}};
}  // namespace

std::span<const EmbeddedFile> embeddedScenarios() { return kFiles; }

}  // namespace packetarium::scenario
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")

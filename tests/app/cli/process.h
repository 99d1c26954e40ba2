// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace packetarium::clitest {

struct Ended {
  int code = -1; ///< exit code, or minus the signal
  std::string out, err;
};

/// Runs the built packetarium-cli with these arguments and waits for it.
Ended cli(const std::vector<std::string> &arguments);
/// Starts it, sends the signal after the given time, and waits.
Ended cliInterrupted(const std::vector<std::string> &arguments, int signal, int afterMs);

/// A folder of its own that goes when the test ends.
class Folder {
public:
  Folder();
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;
  ~Folder();
  std::string file(const std::string &name) const { return (m_path / name).string(); }

private:
  std::filesystem::path m_path;
};

std::string contents(const std::string &file);
std::vector<std::string> linesOf(const std::string &text);

} // namespace packetarium::clitest

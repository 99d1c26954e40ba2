// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/pcapng.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

/// Another implementation to compare with.
namespace tshark {

inline std::string run(const std::string &command) {
  std::string out;
  std::FILE *pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    out.append(buffer.data(), n);
  pclose(pipe);
  return out;
}

inline bool present() { return !run("command -v tshark").empty(); }

/// A capture file that is removed with the object.
class Capture {
public:
  explicit Capture(const std::string &name)
      : m_path(std::filesystem::temp_directory_path() /
               (name + "-" + std::to_string(getpid()) + ".pcapng")),
        m_out(m_path, std::ios::binary) {}
  ~Capture() { std::filesystem::remove(m_path); }
  std::ofstream &out() { return m_out; }
  /// Runs tshark over what was written, every checksum verified.
  std::string read(const std::string &options) {
    m_out.flush();
    return run("LC_ALL=C tshark -n -r '" + m_path.string() +
               "' -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE"
               " -o vrrp.v3_checksum_as_in_v2:TRUE"
               " -o udp.check_checksum:TRUE -o tcp.relative_sequence_numbers:FALSE"
               " -o tcp.desegment_tcp_streams:FALSE -d udp.port==5004,rtp " +
               options);
  }

  /// The same with tshark as it comes: streams are put together, nothing is told about the file.
  std::string readPlain(const std::string &options) {
    m_out.flush();
    return run("LC_ALL=C tshark -n -r '" + m_path.string() + "' " + options);
  }

private:
  std::filesystem::path m_path;
  std::ofstream m_out;
};

inline std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> out;
  std::string part;
  for (const char c : text) {
    if (c == separator) {
      out.push_back(part);
      part.clear();
    } else {
      part.push_back(c);
    }
  }
  if (!part.empty() || separator != '\n') out.push_back(part);
  return out;
}

} // namespace tshark

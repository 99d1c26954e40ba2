// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/fault_list.h"
#include "core/scenario/json.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace packetarium::scenario {
namespace {

Fault systemFault(std::string_view what, const std::filesystem::path &file) {
  return {"", fmt::format("cannot {} {}: {}", what, printable(file.string(), 300),
                          std::strerror(errno))};
}

/// An open file descriptor; closed when it goes out of scope.
class Descriptor {
public:
  explicit Descriptor(int fd) : m_fd(fd) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() {
    if (m_fd >= 0) ::close(m_fd);
  }
  bool ok() const { return m_fd >= 0; }
  int get() const { return m_fd; }

private:
  int m_fd;
};

bool writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// Reads up to one byte more than the limit, so that what is too large shows without being read.
Result<std::string> readText(const std::filesystem::path &file) {
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.ok()) return systemFault("open", file);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return systemFault("read", file);
  if (!S_ISREG(info.st_mode)) {
    errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
    return systemFault("read", file);
  }
  std::string text;
  std::string buffer(1 << 16, '\0');
  while (text.size() <= Limits::fileBytes) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return systemFault("read", file);
    if (n == 0) return text;
    text.append(buffer, 0, static_cast<std::size_t>(n));
  }
  return Fault{"", fmt::format("{} is larger than {} MiB, the most that is read",
                               printable(file.string(), 300), Limits::fileBytes >> 20)};
}

/// A new file beside the target that nobody else is writing.
std::filesystem::path temporaryName(const std::filesystem::path &file) {
  return file.string() + fmt::format(".{}.new", ::getpid());
}

bool writeAndFlush(const std::filesystem::path &file, std::string_view text, mode_t mode) {
  const Descriptor fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  return fd.ok() && writeAll(fd.get(), text) && ::fsync(fd.get()) == 0;
}

} // namespace

Result<Scenario> loadFile(const std::filesystem::path &file, Accept accept) {
  const auto text = readText(file);
  if (!text.ok()) return text.faults();
  return parse(*text, accept);
}

Status saveFile(const std::filesystem::path &file, const Scenario &scenario) {
  std::error_code ignored;
  // A link stays a link: what it points at is replaced.
  std::filesystem::path target = std::filesystem::canonical(file, ignored);
  if (target.empty()) target = file;
  struct stat info {};
  const mode_t mode = ::stat(target.c_str(), &info) == 0 ? (info.st_mode & 0777) : 0666;
  const auto temporary = temporaryName(target);
  if (!writeAndFlush(temporary, toJson(scenario), mode) ||
      ::rename(temporary.c_str(), target.c_str()) != 0) {
    const Fault fault = systemFault("write", file);
    ::unlink(temporary.c_str());
    return fault;
  }
  const auto folder = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (directory.ok()) ::fsync(directory.get()); // so that the new name survives a power cut too
  return Done{};
}

} // namespace packetarium::scenario

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/process.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace packetarium::clitest {
namespace {

namespace fs = std::filesystem;

/// The child writes into files, so that no pipe can fill up and block it.
pid_t start(const std::vector<std::string> &arguments, const std::string &out,
            const std::string &err) {
  std::vector<char *> argv;
  std::string program = PACKETARIUM_CLI;
  argv.push_back(program.data());
  std::vector<std::string> copies = arguments;
  for (std::string &argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (::freopen(out.c_str(), "w", stdout) == nullptr ||
      ::freopen(err.c_str(), "w", stderr) == nullptr)
    ::_exit(126);
  ::execv(program.c_str(), argv.data());
  ::_exit(127);
}

Ended finish(pid_t child, const std::string &out, const std::string &err) {
  if (child < 0) throw std::runtime_error("fork failed");
  int status = 0;
  ::waitpid(child, &status, 0);
  Ended ended;
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  ended.out = contents(out);
  ended.err = contents(err);
  return ended;
}

} // namespace

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "packetarium-cli-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  m_path = name;
}

Folder::~Folder() { fs::remove_all(m_path); }

std::string contents(const std::string &file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> linesOf(const std::string &text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Ended cli(const std::vector<std::string> &arguments) {
  const Folder folder;
  const std::string out = folder.file("out"), err = folder.file("err");
  return finish(start(arguments, out, err), out, err);
}

Ended cliInterrupted(const std::vector<std::string> &arguments, int signal, int afterMs) {
  const Folder folder;
  const std::string out = folder.file("out"), err = folder.file("err");
  const pid_t child = start(arguments, out, err);
  ::usleep(static_cast<useconds_t>(afterMs) * 1000);
  if (child > 0) ::kill(child, signal);
  return finish(child, out, err);
}

} // namespace packetarium::clitest

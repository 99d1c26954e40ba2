// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

namespace packetarium::cli {

using namespace std::chrono_literals;

Progress::Progress() : m_terminal(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (m_shown) fmt::print(stderr, "\r\033[K");
}

bool Progress::due() {
  const auto now = Clock::now();
  if (!m_terminal || now - m_start < 500ms || now - m_last < 100ms) return false;
  m_last = now;
  m_shown = true;
  return true;
}

void Progress::update(double share, double simulatedSeconds, std::uint64_t events) {
  if (!due()) return;
  fmt::print(stderr,
             "\r\033[K{:3.0f} %  {:.3f} s simulated, {:.2f} million events. Ctrl+C ends it.",
             100 * share, simulatedSeconds, static_cast<double>(events) / 1e6);
  std::fflush(stderr);
}

void Progress::update(std::uint64_t done, std::uint64_t of, std::string_view what) {
  if (!due()) return;
  const double share = of == 0 ? 1 : static_cast<double>(done) / static_cast<double>(of);
  fmt::print(stderr, "\r\033[K{:3.0f} %  {} of {} {}. Ctrl+C ends it.", 100 * share, done, of,
             what);
  std::fflush(stderr);
}

double Progress::elapsedSeconds() const {
  return std::chrono::duration<double>(Clock::now() - m_start).count();
}

} // namespace packetarium::cli

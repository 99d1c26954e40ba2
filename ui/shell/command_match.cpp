// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_match.h"

#include <algorithm>
#include <limits>

namespace packetarium::ui {
namespace {

constexpr int ofLetter = 4;
constexpr int ofWordStart = 10;
constexpr int ofTextStart = 6;
constexpr int ofFollowing = 8;
constexpr int gapMax = 6;
constexpr int unreachable = std::numeric_limits<int>::min() / 2;

bool startsWord(QStringView text, qsizetype at) {
  if (at == 0) return true;
  const QChar before = text[at - 1];
  return !before.isLetterOrNumber() || (before.isLower() && text[at].isUpper()) ||
         (before.isLetter() && text[at].isDigit());
}

int bonus(QStringView text, qsizetype at) {
  return ofLetter + (startsWord(text, at) ? ofWordStart : 0) + (at == 0 ? ofTextStart : 0);
}

QString withoutBlanks(QStringView query) {
  QString letters;
  for (const QChar c : query)
    if (!c.isSpace()) letters += c.toCaseFolded();
  return letters;
}

} // namespace

std::optional<CommandMatch> matchCommand(QStringView query, QStringView text) {
  const QString letters = withoutBlanks(query);
  const auto n = static_cast<std::size_t>(text.size());
  const auto m = static_cast<std::size_t>(letters.size());
  if (m == 0) return CommandMatch{};
  if (m > n) return std::nullopt;
  // best[i * n + j]: of laying the first i + 1 letters with the last of them on j; came: from
  // where.
  std::vector<int> best(m * n, unreachable);
  std::vector<int> came(m * n, -1);
  for (std::size_t i = 0; i < m; ++i) {
    // Of all places at least two before j, the best one with its gap taken off as j walks on.
    int running = unreachable;
    int runningAt = -1;
    for (std::size_t j = 0; j < n; ++j) {
      if (i > 0 && j >= 2) {
        const int fresh = best[(i - 1) * n + j - 2];
        const int gap = runningAt < 0 ? 0 : static_cast<int>(j) - runningAt - 2;
        const int aged = running - (gap > 0 && gap <= gapMax ? 1 : 0);
        running = aged;
        if (fresh >= running) {
          running = fresh;
          runningAt = static_cast<int>(j) - 2;
        }
      }
      if (text[static_cast<qsizetype>(j)].toCaseFolded() != letters[static_cast<qsizetype>(i)])
        continue;
      int &here = best[i * n + j];
      const int own = bonus(text, static_cast<qsizetype>(j));
      if (i == 0) {
        here = own - std::min(static_cast<int>(j), gapMax);
        continue;
      }
      const int following = j == 0 ? unreachable : best[(i - 1) * n + j - 1];
      if (running > unreachable / 2) {
        here = running - 1 + own;
        came[i * n + j] = runningAt;
      }
      if (following > unreachable / 2 && following + ofFollowing + own > here) {
        here = following + ofFollowing + own;
        came[i * n + j] = static_cast<int>(j) - 1;
      }
    }
  }
  const auto last = best.begin() + static_cast<std::ptrdiff_t>((m - 1) * n);
  const auto top = std::max_element(last, best.end());
  if (*top <= unreachable / 2) return std::nullopt;
  CommandMatch match;
  match.score = *top - static_cast<int>(n) / 6;
  int at = static_cast<int>(top - last);
  for (std::size_t i = m; i-- > 0;) {
    match.positions.push_back(at);
    at = came[i * n + static_cast<std::size_t>(at)];
  }
  std::reverse(match.positions.begin(), match.positions.end());
  return match;
}

} // namespace packetarium::ui

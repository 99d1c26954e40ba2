// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace packetarium::ui {

// The files that were opened or saved last, the latest first, kept in the program's settings.
class RecentFiles {
public:
  static constexpr int countMax = 10;

  // Those that are still there.
  [[nodiscard]] static QStringList list();
  static void add(const QString &path);
  static void clear();

  // The list with this path at its head, without doubles and not longer than countMax.
  [[nodiscard]] static QStringList withFirst(QStringList paths, const QString &path);
};

} // namespace packetarium::ui

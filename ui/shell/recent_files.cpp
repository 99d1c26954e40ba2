// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/recent_files.h"

#include <QFileInfo>
#include <QSettings>

#include <algorithm>

namespace packetarium::ui {
namespace {

QString key() { return QStringLiteral("recentFiles"); }

} // namespace

QStringList RecentFiles::list() {
  QStringList paths = QSettings().value(key()).toStringList();
  paths.erase(std::remove_if(paths.begin(), paths.end(),
                             [](const QString &path) { return !QFileInfo(path).isFile(); }),
              paths.end());
  return paths;
}

void RecentFiles::add(const QString &path) {
  if (!path.isEmpty()) QSettings().setValue(key(), withFirst(list(), path));
}

void RecentFiles::clear() { QSettings().remove(key()); }

QStringList RecentFiles::withFirst(QStringList paths, const QString &path) {
  const QString whole = QFileInfo(path).absoluteFilePath();
  paths.removeAll(whole);
  paths.prepend(whole);
  return paths.mid(0, countMax);
}

} // namespace packetarium::ui

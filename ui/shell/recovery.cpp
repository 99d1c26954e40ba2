// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/recovery.h"

#include "core/scenario/json.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <QStandardPaths>
#include <QUuid>

#include <algorithm>
#include <filesystem>

namespace packetarium::ui {
namespace {

QString fileOf(const QString &folder, const QString &id, const char *ending) {
  return folder + u'/' + id + QLatin1String(ending);
}

constexpr const char *documentEnding = ".packetarium";
constexpr const char *aboutEnding = ".json";
constexpr const char *lockEnding = ".lock";

std::unique_ptr<QLockFile> lockOf(const QString &folder, const QString &id) {
  auto lock = std::make_unique<QLockFile>(fileOf(folder, id, lockEnding));
  lock->setStaleLockTime(0); // never by age: only when its process is gone
  return lock->tryLock(0) ? std::move(lock) : nullptr;
}

void removeFiles(const QString &folder, const QString &id) {
  // The document first: what is left without one is cleared away by the next start.
  QFile::remove(fileOf(folder, id, documentEnding));
  QFile::remove(fileOf(folder, id, aboutEnding));
}

void writeFiles(const QString &folder, const QString &id, const scenario::Scenario &scenario,
                const QString &path) {
  QSaveFile about(fileOf(folder, id, aboutEnding));
  if (about.open(QIODevice::WriteOnly)) {
    const QJsonObject entry{
        {QStringLiteral("path"), path},
        {QStringLiteral("time"), QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs)},
        {QStringLiteral("pid"), static_cast<double>(QCoreApplication::applicationPid())}};
    about.write(QJsonDocument(entry).toJson());
    about.commit();
  }
  const auto file = fileOf(folder, id, documentEnding);
  (void)scenario::saveFile(std::filesystem::path(file.toStdU16String()), scenario);
}

std::optional<LostDocument> lostDocument(const QString &folder, const QString &id) {
  LostDocument lost;
  lost.folder = folder;
  lost.id = id;
  lost.lock = lockOf(folder, id);
  if (lost.lock == nullptr) return std::nullopt;
  const QString file = fileOf(folder, id, documentEnding);
  auto loaded =
      scenario::loadFile(std::filesystem::path(file.toStdU16String()), scenario::Accept::Conflicts);
  if (!loaded) return std::nullopt;
  lost.scenario = std::move(loaded).value();
  lost.changed = QFileInfo(file).lastModified();
  QFile about(fileOf(folder, id, aboutEnding));
  if (about.open(QIODevice::ReadOnly))
    lost.path =
        QJsonDocument::fromJson(about.readAll()).object().value(QStringLiteral("path")).toString();
  return lost;
}

/// What a process that died while it wrote has left beside the files themselves.
void clearLeftovers(const QDir &folder) {
  for (const QFileInfo &about : folder.entryInfoList({u'*' + QLatin1String(aboutEnding)})) {
    const QString id = about.completeBaseName();
    if (folder.exists(id + QLatin1String(documentEnding))) continue;
    if (const auto lock = lockOf(folder.path(), id)) QFile::remove(about.filePath());
  }
  for (const QFileInfo &half : folder.entryInfoList({QStringLiteral("*.packetarium.*.new")})) {
    const QString id = half.fileName().section(u'.', 0, 0);
    if (const auto lock = lockOf(folder.path(), id)) QFile::remove(half.filePath());
  }
}

} // namespace

QString recoveryFolder() {
  return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) +
         QStringLiteral("/recovery");
}

std::vector<LostDocument> findLostDocuments(const QString &folder) {
  std::vector<LostDocument> all;
  const QDir place(folder);
  clearLeftovers(place);
  for (const QFileInfo &file : place.entryInfoList({u'*' + QLatin1String(documentEnding)}))
    if (auto lost = lostDocument(folder, file.completeBaseName())) all.push_back(std::move(*lost));
  std::sort(all.begin(), all.end(),
            [](const LostDocument &a, const LostDocument &b) { return a.changed > b.changed; });
  return all;
}

void discard(LostDocument lost) { removeFiles(lost.folder, lost.id); }

RecoveryKeeper::RecoveryKeeper(Document &document, const QString &folder, QObject *parent)
    : QObject(parent),
      m_document(document),
      m_folder(folder),
      m_id(QUuid::createUuid().toString(QUuid::WithoutBraces)) {
  m_writer.setMaxThreadCount(1);
  m_soon.setSingleShot(true);
  m_soon.setInterval(soonMs);
  m_every.setInterval(everyMs);
  connect(&m_soon, &QTimer::timeout, this, &RecoveryKeeper::write);
  connect(&m_every, &QTimer::timeout, this, &RecoveryKeeper::write);
  connect(&document, &Document::changed, this, &RecoveryKeeper::onChanged);
  connect(&document.undoStack(), &QUndoStack::cleanChanged, this, [this](bool clean) {
    if (clean) clear();
  });
}

RecoveryKeeper::~RecoveryKeeper() { m_writer.waitForDone(); }

QString RecoveryKeeper::file() const { return fileOf(m_folder, m_id, documentEnding); }

void RecoveryKeeper::onChanged(ChangeEvent event) {
  if (event.opened) clear();
  if (m_finished) return;
  m_soon.start();
  if (!m_every.isActive()) m_every.start();
}

void RecoveryKeeper::write() {
  if (m_finished) return;
  // An edit tells of itself before the undo stack knows of it, so this is asked here, not there.
  if (!m_document.isModified()) return clear();
  m_soon.stop();
  if (m_written == m_document.snapshot()) return;
  if (m_lock == nullptr) {
    QDir().mkpath(m_folder);
    m_lock = lockOf(m_folder, m_id);
    if (m_lock == nullptr) return; // a full or read-only disk: tried again with the next edit
  }
  m_written = m_document.snapshot();
  m_writer.start([folder = m_folder, id = m_id, scenario = m_written, path = m_document.path()] {
    writeFiles(folder, id, *scenario, path);
  });
}

void RecoveryKeeper::flush() {
  write();
  m_writer.waitForDone();
}

void RecoveryKeeper::clear() {
  m_soon.stop();
  m_every.stop();
  m_written.reset();
  if (m_lock == nullptr) return;
  m_writer.waitForDone();
  removeFiles(m_folder, m_id);
  m_lock.reset();
}

void RecoveryKeeper::finish() {
  m_finished = true;
  clear();
}

void RecoveryKeeper::adopt(LostDocument lost) {
  clear();
  m_folder = lost.folder;
  m_id = lost.id;
  m_lock = std::move(lost.lock);
  m_every.start();
}

} // namespace packetarium::ui

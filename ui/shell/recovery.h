// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/document/document.h"

#include <QDateTime>
#include <QLockFile>
#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QTimer>

#include <memory>
#include <optional>
#include <vector>

// What keeps a person's work when the program dies. A changed document lies as three files in the
// recovery folder: UUID.packetarium (the document), UUID.json (whose it is) and UUID.lock (held by
// the process that works on it). Each is written beside itself and renamed, so that whoever finds
// them finds whole ones.
namespace packetarium::ui {

// A document that nobody works on any more. Holding it holds its lock, so that no other start of
// the program offers it at the same time.
struct LostDocument {
  QString folder, id;
  QString path;      // of the file it was opened from; empty when there was none
  QDateTime changed; // when it was written
  scenario::Scenario scenario;
  std::unique_ptr<QLockFile> lock;
};

// Where recovery files lie for this user.
[[nodiscard]] QString recoveryFolder();
// Those documents in the folder whose process is gone, the latest first. What cannot be read (a
// newer version's) stays where it is; what has no document beside it is cleared away.
[[nodiscard]] std::vector<LostDocument> findLostDocuments(const QString &folder);
// Forgets it for good.
void discard(LostDocument lost);

// Writes one document into the folder while it is changed: a second after an edit and at least
// every ten seconds. Takes it out when it was saved, when everything was undone, and when another
// document takes its place. A keeper that is destroyed leaves what it wrote to the next start,
// unless finish() was called.
class RecoveryKeeper : public QObject {
  Q_OBJECT
public:
  static constexpr int soonMs = 1000;
  static constexpr int everyMs = 10'000;

  RecoveryKeeper(Document &document, const QString &folder, QObject *parent = nullptr);
  ~RecoveryKeeper() override;

  // Goes on with files that were found; call after the document was restored from them, before
  // the event loop goes on.
  void adopt(LostDocument lost);
  // Writes what is not written yet, and waits for it.
  void flush();
  // The document was closed on purpose: nothing is left of it.
  void finish();

  [[nodiscard]] QString file() const; // of the document, whether it is there or not

private:
  void onChanged(ChangeEvent event);
  void write();
  void clear();
  void begin(const QString &id);

  Document &m_document;
  QString m_folder;
  QString m_id;
  std::unique_ptr<QLockFile> m_lock; // null while nothing is written
  ScenarioPtr m_written;
  QThreadPool m_writer; // one thread: what is asked first is written first
  QTimer m_soon;
  QTimer m_every;
  bool m_finished = false;
};

} // namespace packetarium::ui

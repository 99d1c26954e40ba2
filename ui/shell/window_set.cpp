// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/window_set.h"

#include "ui/shell/main_window.h"
#include "ui/shell/new_dialog.h"
#include "ui/widgets/caption_card.h"

#include <QFileInfo>
#include <QLocale>

#include <utility>

namespace packetarium::ui {
namespace {

constexpr int beside = 32; // pixels from one window to the next
enum Answer { Restore, Discard };

QString titleOf(const LostDocument &lost) {
  const bool untitled = lost.scenario.title.empty() || lost.scenario.id == Document::untitledId;
  if (!untitled) return QString::fromStdString(lost.scenario.title);
  return lost.path.isEmpty() ? WindowSet::tr("Untitled") : QFileInfo(lost.path).completeBaseName();
}

// The same for every way to write the path of a file.
QString placeOf(const QString &file) {
  const QFileInfo info(file);
  const QString place = info.canonicalFilePath();
  return place.isEmpty() ? info.absoluteFilePath() : place;
}

} // namespace

WindowSet::WindowSet(ThemeHub &hub, const QString &recoveryFolder, QObject *parent)
    : QObject(parent), m_hub(hub), m_folder(recoveryFolder) {}

WindowSet::~WindowSet() {
  // Also those that have closed and wait to be deleted: the theme they follow goes, too.
  for (const auto &window : m_windows) delete window.data();
}

std::vector<MainWindow *> WindowSet::windows() const {
  std::vector<MainWindow *> all;
  for (const auto &window : m_windows)
    if (window != nullptr && !window->isLeaving()) all.push_back(window);
  return all;
}

MainWindow *WindowSet::make() {
  auto *window = new MainWindow(m_hub);
  window->playback().setGliding(!m_hub.reduceMotion());
  window->setAttribute(Qt::WA_DeleteOnClose);
  if (!m_folder.isEmpty()) window->keepForRecovery(m_folder);
  std::erase_if(m_windows, [](const auto &w) { return w == nullptr; });
  m_windows.emplace_back(window);
  connect(window, &MainWindow::newWindowRequested, this, [this] { openAnother()->show(); });
  connect(window, &MainWindow::quitRequested, this, &WindowSet::quit);
  window->desk().setHolder([this, window](const QString &file) {
    MainWindow *other = otherWith(file, window);
    return other != nullptr ? &other->desk() : nullptr;
  });
  return window;
}

MainWindow *WindowSet::otherWith(const QString &file, const MainWindow *asking) const {
  const QString place = placeOf(file);
  for (MainWindow *window : windows()) {
    const QString path = window->document().path();
    if (window != asking && !path.isEmpty() && placeOf(path) == place) return window;
  }
  return nullptr;
}

MainWindow *WindowSet::openAnother() {
  const auto others = windows();
  MainWindow *window = make();
  if (!others.empty() && !others.back()->isMaximized()) {
    window->resize(others.back()->size());
    window->move(others.back()->pos() + QPoint(beside, beside));
  }
  window->desk().put(emptyDocument());
  return window;
}

void WindowSet::quit() { askFrom(0); }

void WindowSet::askFrom(std::size_t index) {
  const auto all = windows();
  if (index >= all.size()) {
    for (MainWindow *window : all) window->leave();
    return;
  }
  MainWindow *window = all[index];
  if (window->document().isModified()) {
    window->raise();
    window->activateWindow();
  }
  window->desk().guard([this, index] { askFrom(index + 1); });
}

void WindowSet::offerLost(MainWindow *window) {
  m_host = window;
  if (m_folder.isEmpty()) return;
  m_lost = findLostDocuments(m_folder);
  m_lostTotal = m_lost.size();
  offerNext();
}

void WindowSet::offerNext() {
  if (m_lost.empty() || m_host == nullptr) return;
  const LostDocument &lost = m_lost.front();
  auto *card = new CaptionCard(m_hub, m_host);
  card->setObjectName(QStringLiteral("recovery"));
  const std::size_t number = m_lostTotal - m_lost.size() + 1;
  card->setEyebrow(m_lostTotal == 1
                       ? tr("Not saved last time")
                       : tr("Not saved last time · %1 of %2").arg(number).arg(m_lostTotal));
  card->setTitle(titleOf(lost));
  QString text = tr("Packetarium ended before this was saved. It is as it was on %1.")
                     .arg(QLocale().toString(lost.changed, QLocale::ShortFormat))
                     .toHtmlEscaped();
  if (!lost.path.isEmpty())
    text += QStringLiteral("<br>") + tr("File: %1").arg(lost.path).toHtmlEscaped();
  card->setText(text);
  card->addButton(tr("Restore"), true);
  card->addButton(tr("Discard"));
  card->setClosable(true);
  const auto next = [this, card](bool keep, int answer) {
    LostDocument answered = std::move(m_lost.front());
    m_lost.erase(m_lost.begin());
    card->hide();
    card->deleteLater();
    if (!keep && answer == Restore)
      restore(std::move(answered));
    else if (!keep)
      discard(std::move(answered));
    offerNext(); // what is kept is offered at the next start
  };
  connect(card, &CaptionCard::buttonClicked, this, [next](int answer) { next(false, answer); });
  connect(card, &CaptionCard::closed, this, [next] { next(true, Discard); });
  m_host->showOffer(card);
}

void WindowSet::restore(LostDocument lost) {
  MainWindow *window = m_host;
  const auto isTaken = [&](Document &document) { // by something the person wants to see
    return document.isModified() || (!document.path().isEmpty() && document.path() != lost.path);
  };
  if (window == nullptr || isTaken(window->document())) {
    window = openAnother();
    window->show();
  }
  window->restore(std::move(lost));
}

} // namespace packetarium::ui

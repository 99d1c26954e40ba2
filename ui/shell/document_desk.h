// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/document/document.h"

#include <QObject>
#include <QString>

#include <functional>
#include <vector>

class QMenu;
class QWidget;

namespace packetarium::ui {

class ThemeHub;

enum class Remember { Yes, No }; // sizes, theme and the like from one start to the next

// What a window does with its document as a whole: new, open, save, revert. Nothing that was
// changed is given up without asking; no question holds the run up.
class DocumentDesk : public QObject {
  Q_OBJECT
public:
  DocumentDesk(Document &document, ThemeHub &hub, Remember remember, QWidget *window);

  // Gives the desk of another window that has this file, or null.
  using Holder = std::function<DocumentDesk *(const QString &file)>;
  void setHolder(const Holder &holder) { m_holder = holder; }
  // Brings the window to the front and says that the file is here already.
  void comeForward();

  // Calls then() once nothing would be lost by another document: at once when nothing was changed,
  // else when the person has saved or given it up. Not at all when they think better of it.
  void guard(const std::function<void()> &then);
  // Without asking. An example's id or a file; tells the person what is wrong otherwise. A file
  // that another window has is shown there, and this window stays as it is.
  bool open(const QString &idOrFile);
  // Takes the place of what is open, without asking.
  void put(scenario::Scenario scenario);

  void askForNew();
  void askToOpen();
  void openGuarded(const QString &idOrFile);
  // then() is called when it was saved.
  void save(const std::function<void()> &then = {});
  void saveAs(const std::function<void()> &then = {});
  void revert();
  [[nodiscard]] bool canRevert() const;
  void fillRecent(QMenu &menu);

  // Neither a file nor a built-in example: begun here.
  [[nodiscard]] bool isUnsaved() const;
  [[nodiscard]] bool isExample() const;
  // "saved", "changed", "not saved yet", "example".
  [[nodiscard]] QString stateText() const;

Q_SIGNALS:
  void opened();
  void told(const QString &message);

private:
  void warn(const QString &title, const QString &text, const std::vector<Fault> &faults);
  void remember();
  [[nodiscard]] DocumentDesk *holderOf(const QString &file) const;
  void saveTo(const QString &file, const std::function<void()> &then);

  Document &m_document;
  ThemeHub &m_hub;
  Remember m_remember;
  QWidget *m_window;
  Holder m_holder;
};

// The first few faults, one a line.
[[nodiscard]] QString firstFaults(const std::vector<Fault> &faults);

} // namespace packetarium::ui

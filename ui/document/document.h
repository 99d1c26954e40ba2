// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/scenario/scenario.h"

#include <QObject>
#include <QString>
#include <QUndoStack>

#include <functional>
#include <memory>

namespace packetarium::ui {

// What a change of the document touched. The first kind that applies counts: a structure change
// re-runs the scenario from 0, a script change from the first difference, the others not at all.
enum class ChangeKind { Structure, Script, Layout, Meta };

struct ChangeEvent {
  ChangeKind kind = ChangeKind::Meta;
  bool opened = false; // another document has taken the place of the old one
};

class Version;
class VersionShelf;

using ScenarioPtr = std::shared_ptr<const scenario::Scenario>;

// The scenario a person works on: its value, its file and its undo stack. Every edit is one
// undoable command that swaps one immutable value for the next.
class Document : public QObject {
  Q_OBJECT
public:
  using Change = std::function<void(scenario::Scenario &)>;
  static constexpr int neverMerge = -1;
  // Of a document that was begun from nothing; its file gives it its title.
  static constexpr const char *untitledId = "untitled";

  explicit Document(QObject *parent = nullptr);
  ~Document() override;

  [[nodiscard]] const scenario::Scenario &scenario() const { return *m_scenario; }
  [[nodiscard]] ScenarioPtr snapshot() const { return m_scenario; }
  // Empty for a built-in scenario that was never saved.
  [[nodiscard]] const QString &path() const { return m_path; }
  [[nodiscard]] QString title() const;
  [[nodiscard]] bool isModified() const { return !m_undo.isClean(); }
  [[nodiscard]] QUndoStack &undoStack() { return m_undo; }

  // Takes the place of what is open; forgets the undo history. The value must be valid.
  void open(scenario::Scenario scenario, const QString &path = {});
  // The same, but as one with changes that are not saved: what was recovered.
  void restore(scenario::Scenario scenario, const QString &path);
  // The id of a built-in scenario or a file's path. On a fault the document stays as it is.
  Status open(const QString &idOrFile);
  // Atomic; the path becomes the document's own.
  Status save(const QString &path);

  // Applies the change to a copy, lets the program choose what is left open, and, if the result is
  // valid, makes it one undoable edit. Conflicts of addresses (core/scenario/conflicts.h) are no
  // hindrance: they are shown. Nothing happens when it changes nothing. Edits that follow one
  // another with the same mergeId and kind become one.
  Status edit(const QString &label, const Change &change, int mergeId = neverMerge);

Q_SIGNALS:
  void changed(packetarium::ui::ChangeEvent event);
  void pathChanged();

private:
  friend class EditCommand;
  void put(const std::shared_ptr<Version> &version);
  void replace(scenario::Scenario scenario, const QString &path);

  ScenarioPtr m_scenario;
  std::shared_ptr<Version> m_version; // the same in the history
  std::unique_ptr<VersionShelf> m_shelf;
  QString m_path;
  QUndoStack m_undo;
};

// What differs between two values, as the kind of the change between them.
[[nodiscard]] ChangeKind kindOfChange(const scenario::Scenario &before,
                                      const scenario::Scenario &after);

} // namespace packetarium::ui

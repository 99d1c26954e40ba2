// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/document.h"

#include "core/scenario/build.h"
#include "core/scenario/chosen.h"
#include "core/scenario/json.h"

#include <QDir>
#include <QFileInfo>
#include <QUndoCommand>

#include <algorithm>
#include <filesystem>

namespace packetarium::ui {
namespace {

// A copy without what only the canvas cares about.
bool sameNode(const scenario::Node &a, const scenario::Node &b) {
  if (a.position == b.position) return a == b;
  scenario::Node moved = a;
  moved.position = b.position;
  return moved == b;
}

bool sameNodes(const std::vector<scenario::Node> &a, const std::vector<scenario::Node> &b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!sameNode(a[i], b[i])) return false;
  return true;
}

bool samePositions(const std::vector<scenario::Node> &a, const std::vector<scenario::Node> &b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(a[i].position == b[i].position)) return false;
  return true;
}

} // namespace

// The one kind of command there is: the value before and the value after.
class EditCommand : public QUndoCommand {
public:
  EditCommand(Document &document, const QString &label, ScenarioPtr after, int mergeId)
      : QUndoCommand(label),
        m_document(document),
        m_before(document.snapshot()),
        m_after(std::move(after)),
        m_mergeId(mergeId) {}

  void undo() override { m_document.put(m_before); }
  void redo() override { m_document.put(m_after); }
  int id() const override { return m_mergeId; }

  bool mergeWith(const QUndoCommand *other) override {
    const auto *next = static_cast<const EditCommand *>(other);
    if (next->text() != text()) return false;
    m_after = next->m_after;
    return true;
  }

private:
  Document &m_document;
  ScenarioPtr m_before;
  ScenarioPtr m_after;
  int m_mergeId;
};

ChangeKind kindOfChange(const scenario::Scenario &before, const scenario::Scenario &after) {
  if (before.seed != after.seed || before.duration != after.duration ||
      before.links != after.links || !sameNodes(before.nodes, after.nodes) ||
      !(before.routes == after.routes) || before.phases != after.phases)
    return ChangeKind::Structure;
  if (before.script != after.script) return ChangeKind::Script;
  if (!samePositions(before.nodes, after.nodes) || before.notes != after.notes)
    return ChangeKind::Layout;
  return ChangeKind::Meta;
}

Document::Document(QObject *parent)
    : QObject(parent), m_scenario(std::make_shared<const scenario::Scenario>()) {
  m_undo.setUndoLimit(500);
}

QString Document::title() const {
  const bool named = !m_scenario->title.empty() && m_scenario->id != untitledId;
  if (named) return QString::fromStdString(m_scenario->title);
  return m_path.isEmpty() ? tr("Untitled") : QFileInfo(m_path).completeBaseName();
}

void Document::open(scenario::Scenario scenario, const QString &path) {
  replace(std::move(scenario), path);
  Q_EMIT pathChanged();
  Q_EMIT changed({ChangeKind::Structure, true});
}

void Document::restore(scenario::Scenario scenario, const QString &path) {
  replace(std::move(scenario), path);
  m_undo.resetClean(); // no state of the stack is the saved one
  Q_EMIT pathChanged();
  Q_EMIT changed({ChangeKind::Structure, true});
}

void Document::replace(scenario::Scenario scenario, const QString &path) {
  scenario::complete(scenario);
  m_scenario = std::make_shared<const scenario::Scenario>(std::move(scenario));
  m_path = path;
  m_undo.clear();
}

Status Document::open(const QString &idOrFile) {
  auto loaded = scenario::loadIdOrFile(idOrFile.toStdString(), scenario::Accept::Conflicts);
  if (!loaded) return loaded.faults();
  const auto ids = scenario::builtInIds();
  const bool builtIn = std::find(ids.begin(), ids.end(), idOrFile.toStdString()) != ids.end();
  open(std::move(loaded).value(), builtIn ? QString() : QFileInfo(idOrFile).absoluteFilePath());
  return Done{};
}

Status Document::save(const QString &path) {
  const Status status =
      scenario::saveFile(std::filesystem::path(path.toStdU16String()), *m_scenario);
  if (!status) return status;
  m_path = QFileInfo(path).absoluteFilePath();
  m_undo.setClean();
  Q_EMIT pathChanged();
  return status;
}

Status Document::edit(const QString &label, const Change &change, int mergeId) {
  auto after = std::make_shared<scenario::Scenario>(*m_scenario);
  change(*after);
  if (*after == *m_scenario) return Done{};
  if (kindOfChange(*m_scenario, *after) == ChangeKind::Structure) {
    scenario::markSetByHand(*m_scenario, *after);
    scenario::complete(*after);
  }
  // A note or a place on the canvas can be at fault, too: what is here must load again.
  if (auto faults = scenario::validate(*after, scenario::Accept::Conflicts); !faults.empty())
    return faults;
  m_undo.push(new EditCommand(*this, label, std::move(after), mergeId));
  return Done{};
}

void Document::put(ScenarioPtr scenario) {
  const ChangeEvent event{kindOfChange(*m_scenario, *scenario), false};
  m_scenario = std::move(scenario);
  Q_EMIT changed(event);
}

} // namespace packetarium::ui

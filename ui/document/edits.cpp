// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/edits.h"

#include "core/scenario/json.h"
#include "ui/document/faults.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

QString say(const char *text) { return QCoreApplication::translate("Edits", text); }

QString text(std::string_view utf8) {
  return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

// The status of an edit, and what it made.
template <class T> Result<T> made(const Status &status, T what) {
  if (!status) return status.faults();
  return what;
}

bool contains(const std::vector<std::string> &ids, const std::string &id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// "browser", "browser – isp", "3 things".
QString named(const scenario::Scenario &scenario, const std::vector<std::string> &ids) {
  if (ids.size() != 1) return say("%1 things").arg(ids.size());
  for (const scenario::CanvasNote &note : scenario.notes)
    if (note.id == ids.front()) return say("a note");
  return targetLabel(scenario, ids.front());
}

int mergeIdOf(const std::vector<std::string> &ids) {
  std::size_t hash = 0;
  for (const std::string &id : ids) hash = hash * 31 + std::hash<std::string>{}(id);
  return static_cast<int>(hash % 1'000'000'007);
}

} // namespace

scenario::Position snapped(QPointF plane) {
  const auto snap = [](double v) {
    return static_cast<std::int32_t>(std::lround(v / gridStep) * gridStep);
  };
  return {snap(plane.x()), snap(plane.y())};
}

Result<std::string> placeNode(Document &document, const scenario::Placeable &what, QPointF at) {
  std::string id;
  const Status status =
      document.edit(say("Add %1").arg(text(what.title)),
                    [&](scenario::Scenario &s) { id = scenario::place(s, what, snapped(at)); });
  return made(status, id);
}

Result<std::string> installService(Document &document, const std::string &node,
                                   const scenario::Placeable &service) {
  const std::string fault = scenario::installFault(document.scenario(), node);
  if (!fault.empty()) return Fault{{}, fault};
  std::string id;
  const QString label =
      say("Add %1 to %2").arg(text(service.title), targetLabel(document.scenario(), node));
  const Status status = document.edit(label, [&](scenario::Scenario &s) {
    auto installed = scenario::install(s, node, service.program);
    if (installed) id = *installed;
  });
  return made(status, id);
}

Result<std::string> connectNodes(Document &document, const std::string &a, const std::string &b) {
  const std::string fault = scenario::linkFault(document.scenario(), a, b);
  if (!fault.empty()) return Fault{{}, fault};
  std::string id;
  const QString label =
      say("Link %1 and %2")
          .arg(targetLabel(document.scenario(), a), targetLabel(document.scenario(), b));
  const Status status = document.edit(label, [&](scenario::Scenario &s) {
    auto link = scenario::connect(s, a, b);
    if (link) id = *link;
  });
  return made(status, id);
}

Result<std::string> addNote(Document &document, const QString &words, QPointF at) {
  std::string id;
  const Status status = document.edit(say("Add a note"), [&](scenario::Scenario &s) {
    id = scenario::addNote(s, words.toStdString(), snapped(at));
  });
  return made(status, id);
}

Status removeAll(Document &document, const std::vector<std::string> &ids) {
  if (ids.empty()) return Done{};
  return document.edit(say("Delete %1").arg(named(document.scenario(), ids)),
                       [&](scenario::Scenario &s) { scenario::remove(s, ids); });
}

Status moveBy(Document &document, const std::vector<std::string> &ids, QPoint by, bool merge) {
  const auto move = [by](scenario::Position &p) {
    p.x += by.x();
    p.y += by.y();
  };
  return document.edit(
      say("Move %1").arg(named(document.scenario(), ids)),
      [&](scenario::Scenario &s) {
        for (scenario::Node &node : s.nodes)
          if (contains(ids, node.id)) move(node.position);
        for (scenario::CanvasNote &note : s.notes)
          if (contains(ids, note.id)) move(note.position);
      },
      merge ? mergeIdOf(ids) : Document::neverMerge);
}

Status renameNode(Document &document, const std::string &node, const QString &name) {
  const QString wanted = name.trimmed();
  if (wanted.isEmpty()) return Fault{{}, say("A name cannot be empty.").toStdString()};
  return document.edit(say("Rename %1 to %2").arg(targetLabel(document.scenario(), node), wanted),
                       [&](scenario::Scenario &s) {
                         if (scenario::Node *n = s.node(node)) n->name = wanted.toStdString();
                       });
}

Status setNoteText(Document &document, const std::string &note, const QString &words) {
  if (words.trimmed().isEmpty()) return removeAll(document, {note});
  return document.edit(say("Edit a note"), [&](scenario::Scenario &s) {
    for (scenario::CanvasNote &n : s.notes)
      if (n.id == note) n.text = words.toStdString();
  });
}

Status cureConflict(Document &document, const scenario::Conflict &conflict) {
  return document.edit(text(conflict.cure),
                       [&](scenario::Scenario &s) { scenario::cure(s, conflict); });
}

QString copiedText(const scenario::Scenario &scenario, const std::vector<std::string> &ids) {
  return QString::fromStdString(scenario::toJson(scenario::fragment(scenario, ids)));
}

Result<std::vector<std::string>> pasteText(Document &document, const QString &json, QPoint by) {
  const auto read = scenario::parse(json.toStdString(), scenario::Accept::Conflicts);
  if (!read) return Fault{{}, say("The clipboard holds no part of a scenario.").toStdString()};
  std::vector<std::string> added;
  const Status status = document.edit(say("Paste"), [&](scenario::Scenario &s) {
    added = scenario::paste(s, *read, {by.x(), by.y()});
  });
  return made(status, added);
}

Result<std::vector<std::string>> duplicate(Document &document, const std::vector<std::string> &ids,
                                           QPoint by) {
  const scenario::Scenario copy = scenario::fragment(document.scenario(), ids);
  std::vector<std::string> added;
  const Status status = document.edit(say("Duplicate %1").arg(named(document.scenario(), ids)),
                                      [&](scenario::Scenario &s) {
                                        added = scenario::paste(s, copy, {by.x(), by.y()});
                                      });
  return made(status, added);
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "tests/support/catch.h"
#include "ui/document/document.h"
#include "ui/document/faults.h"

#include <QTemporaryDir>

#include <algorithm>
#include <set>

using namespace packetarium;
using namespace packetarium::ui;
using Kind = scenario::ScriptEntry::Kind;

namespace {

void openDefault(Document &document) {
  REQUIRE(document.open(QString::fromUtf8(scenario::defaultScenarioId.data())).ok());
}

std::string firstLink(const Document &document) { return document.scenario().links.front().id; }

} // namespace

TEST_CASE("a fault at t > 0 is one script entry, and undo takes it back byte for byte") {
  Document document;
  openDefault(document);
  const std::string before = scenario::toJson(document.scenario());
  const auto entries = document.scenario().script.size();
  const SimTime at = SimTime::fromNs(1'250'000'000);
  REQUIRE(applyFault(document, {Kind::CutLink, firstLink(document), 0, at}).ok());
  REQUIRE(document.scenario().script.size() == entries + 1);
  CHECK(document.undoStack().count() == 1);
  CHECK(document.undoStack().undoText().startsWith(QStringLiteral("Cut ")));
  CHECK(document.undoStack().undoText().contains(QStringLiteral("at 1.25")));
  const std::string after = scenario::toJson(document.scenario());
  CHECK(after != before);
  document.undoStack().undo();
  CHECK(scenario::toJson(document.scenario()) == before);
  document.undoStack().redo();
  CHECK(scenario::toJson(document.scenario()) == after);
}

TEST_CASE("the opposite at the same instant leaves no trace in the script") {
  Document document;
  openDefault(document);
  const auto script = document.scenario().script;
  const SimTime at = SimTime::fromNs(500);
  const std::string link = firstLink(document);
  REQUIRE(applyFault(document, {Kind::CutLink, link, 0, at}).ok());
  REQUIRE(applyFault(document, {Kind::RestoreLink, link, 0, at}).ok());
  CHECK(document.scenario().script == script);
  CHECK(document.undoStack().count() == 2);
}

TEST_CASE("the same action twice at one instant is one entry with the later value") {
  Document document;
  openDefault(document);
  const auto entries = document.scenario().script.size();
  const SimTime at = SimTime::fromNs(500);
  const std::string link = firstLink(document);
  REQUIRE(applyFault(document, {Kind::SetLoss, link, 0.1, at}).ok());
  REQUIRE(applyFault(document, {Kind::SetLoss, link, 0.2, at}).ok());
  REQUIRE(document.scenario().script.size() == entries + 1);
  double value = 0;
  for (const auto &entry : document.scenario().script)
    if (entry.at == at) value = entry.value;
  CHECK(value == 0.2);
}

TEST_CASE("at t = 0 a link's fault edits the document and not the script") {
  Document document;
  openDefault(document);
  const auto script = document.scenario().script;
  const std::string link = firstLink(document);
  REQUIRE(applyFault(document, {Kind::CutLink, link, 0, SimTime::zero()}).ok());
  CHECK_FALSE(document.scenario().link(link)->up);
  REQUIRE(applyFault(document, {Kind::SetDelay, link, 40e6, SimTime::zero()}).ok());
  CHECK(document.scenario().link(link)->delay == Duration::ms(40));
  CHECK(document.scenario().script == script);
}

TEST_CASE("script entries stay in order of time whatever the order of edits") {
  Document document;
  openDefault(document);
  const std::string link = firstLink(document);
  for (const std::int64_t ns : {900, 100, 500, 300, 700})
    REQUIRE(applyFault(document, {Kind::SetLoss, link, 0.01, SimTime::fromNs(ns)}).ok());
  const auto &script = document.scenario().script;
  CHECK(std::is_sorted(script.begin(), script.end(),
                       [](const auto &a, const auto &b) { return a.at < b.at; }));
  std::set<std::string> ids;
  for (const auto &entry : script) ids.insert(entry.id);
  CHECK(ids.size() == script.size());
}

TEST_CASE("an edit that would make the document invalid is refused and changes nothing") {
  Document document;
  openDefault(document);
  const scenario::Scenario before = document.scenario();
  const Status status = document.edit(QStringLiteral("break it"),
                                      [](scenario::Scenario &s) { s.links.front().loss = 7; });
  REQUIRE_FALSE(status.ok());
  CHECK(status.faults().front().path.find("loss") != std::string::npos);
  CHECK(document.scenario() == before);
  CHECK(document.undoStack().count() == 0);
}

TEST_CASE("a change tells what has to be done again") {
  Document document;
  openDefault(document);
  const scenario::Scenario before = document.scenario();
  const auto kind = [&](auto change) {
    scenario::Scenario after = before;
    change(after);
    return kindOfChange(before, after);
  };
  CHECK(kind([](auto &s) { s.seed = 99; }) == ChangeKind::Structure);
  CHECK(kind([](auto &s) { s.links.front().delay = Duration::ms(3); }) == ChangeKind::Structure);
  CHECK(kind([](auto &s) {
          s.nodes.front().name = "x";
          s.nodes.front().position.x = 1;
        }) == ChangeKind::Structure);
  CHECK(kind([](auto &s) { s.script.push_back({}); }) == ChangeKind::Script);
  CHECK(kind([](auto &s) { s.nodes.front().position.x += 8; }) == ChangeKind::Layout);
  CHECK(kind([](auto &s) { s.title = "x"; }) == ChangeKind::Meta);
}

TEST_CASE("edits with the same label and merge id are one step of undo") {
  Document document;
  openDefault(document);
  const scenario::Position before = document.scenario().nodes.front().position;
  for (int i = 1; i <= 5; ++i)
    REQUIRE(document
                .edit(
                    QStringLiteral("Move"),
                    [&](scenario::Scenario &s) { s.nodes.front().position.x = before.x + i * 10; },
                    7)
                .ok());
  CHECK(document.undoStack().count() == 1);
  document.undoStack().undo();
  CHECK(document.scenario().nodes.front().position == before);
}

TEST_CASE("what is saved is what is opened again") {
  QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("x.packetarium"));
  Document document;
  openDefault(document);
  REQUIRE(applyFault(document, {Kind::CutLink, firstLink(document), 0, SimTime::fromNs(77)}).ok());
  CHECK(document.isModified());
  REQUIRE(document.save(file).ok());
  CHECK_FALSE(document.isModified());
  Document again;
  REQUIRE(again.open(file).ok());
  CHECK(again.scenario() == document.scenario());
  CHECK(again.path() == file);
}

TEST_CASE("a file that cannot be opened leaves the document as it was") {
  Document document;
  openDefault(document);
  const scenario::Scenario before = document.scenario();
  const Status status = document.open(QStringLiteral("/nowhere/at/all.packetarium"));
  REQUIRE_FALSE(status.ok());
  CHECK(document.scenario() == before);
}

TEST_CASE("a fault on nothing is refused") {
  Document document;
  openDefault(document);
  CHECK_FALSE(applyFault(document, {Kind::CutLink, "no-such-link", 0, SimTime::fromNs(5)}).ok());
  CHECK_FALSE(removeScriptEntry(document, "no-such-entry").ok());
}

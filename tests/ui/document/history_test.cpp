// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "core/scenario/templates.h"
#include "tests/support/catch.h"
#include "ui/document/edits.h"
#include "ui/document/version.h"

using namespace packetarium;
using namespace packetarium::ui;

namespace {

const scenario::Placeable &placeable(const char *key) { return *scenario::findPlaceable(key); }

void openEmpty(Document &document) {
  scenario::Scenario s;
  s.id = "drawn";
  document.open(std::move(s));
}

} // namespace

TEST_CASE("a packed version gives back the document to the byte") {
  for (const std::string &id : scenario::builtInIds()) {
    auto value = std::make_shared<const scenario::Scenario>(*scenario::loadBuiltIn(id));
    const std::string before = scenario::toJson(*value);
    Version version(std::move(value));
    version.pack();
    CHECK(version.isPacked());
    CHECK(scenario::toJson(*version.value()) == before);
    CHECK_FALSE(version.isPacked());
  }
}

TEST_CASE("a shelf packs what was used longest ago and never the newest") {
  const auto make = [] {
    return std::make_shared<Version>(
        std::make_shared<const scenario::Scenario>(*scenario::loadBuiltIn("web-request")));
  };
  const std::size_t one = make()->bytes();
  VersionShelf shelf(3 * one);
  std::vector<VersionPtr> versions;
  for (int i = 0; i < 6; ++i) {
    versions.push_back(make());
    shelf.touch(versions.back());
  }
  CHECK(versions[0]->isPacked());
  CHECK(versions[2]->isPacked());
  CHECK_FALSE(versions[4]->isPacked());
  CHECK_FALSE(versions[5]->isPacked());
}

TEST_CASE("everything drawn by hand is undone by name, step by step, to the first byte") {
  Document document;
  openEmpty(document);
  const std::string first = scenario::toJson(document.scenario());
  const auto host = placeNode(document, placeable("host"), {10, 10});
  const auto sw = placeNode(document, placeable("switch"), {200, 13});
  const auto web = placeNode(document, placeable("web-server"), {400, 10});
  REQUIRE((host.ok() && sw.ok() && web.ok()));
  CHECK(document.scenario().node(*host)->position == scenario::Position{8, 8}); // snapped
  CHECK(document.undoStack().undoText() == QStringLiteral("Add Web server"));
  REQUIRE(connectNodes(document, *host, *sw).ok());
  REQUIRE(connectNodes(document, *sw, *web).ok());
  CHECK(document.undoStack().undoText() == QStringLiteral("Link switch and web server"));
  REQUIRE(installService(document, *host, placeable("browser")).ok());
  CHECK(document.undoStack().undoText() == QStringLiteral("Add Browser to host"));
  CHECK_FALSE(installService(document, *sw, placeable("browser")).ok());
  CHECK_FALSE(connectNodes(document, *sw, *sw).ok());
  REQUIRE(renameNode(document, *host, QStringLiteral(" desk ")).ok());
  CHECK(document.scenario().node(*host)->name == "desk");
  CHECK_FALSE(renameNode(document, *host, QStringLiteral("  ")).ok());
  const int before = document.undoStack().count();
  for (int i = 0; i < 5; ++i) REQUIRE(moveBy(document, {*host, *sw}, {8, 0}, true).ok());
  CHECK(document.undoStack().count() == before + 1); // nudges merge
  const QString copied = copiedText(document.scenario(), {*host, *sw, *web});
  REQUIRE(pasteText(document, copied, {0, 100}).ok());
  CHECK(document.scenario().nodes.size() == 6);
  CHECK_FALSE(pasteText(document, QStringLiteral("some words"), {0, 0}).ok());
  const auto note = addNote(document, QStringLiteral("here"), {0, 0});
  REQUIRE(note.ok());
  REQUIRE(setNoteText(document, *note, QStringLiteral("  ")).ok());
  CHECK(document.scenario().notes.empty()); // an emptied note goes
  REQUIRE(removeAll(document, {*host, *web}).ok());
  CHECK(document.undoStack().undoText() == QStringLiteral("Delete 2 things"));
  while (document.undoStack().canUndo()) document.undoStack().undo();
  CHECK(scenario::toJson(document.scenario()) == first);
  while (document.undoStack().canRedo()) document.undoStack().redo();
  CHECK(document.scenario().nodes.size() == 4);
}

TEST_CASE("a cure for an address set twice is one undoable edit") {
  Document document;
  openEmpty(document);
  const auto a = placeNode(document, placeable("host"), {0, 0});
  const auto b = placeNode(document, placeable("host"), {100, 0});
  REQUIRE(connectNodes(document, *a, *b).ok());
  const auto address = document.scenario().node(*a)->interfaces[0].address;
  REQUIRE(address.has_value());
  REQUIRE(document
              .edit(QStringLiteral("Set an address"),
                    [&](scenario::Scenario &s) { s.node(*b)->interfaces[0].address = address; })
              .ok());
  // The other one was chosen, so it gives way by itself.
  CHECK(scenario::conflicts(document.scenario()).empty());
  REQUIRE(document
              .edit(QStringLiteral("Set the other too"),
                    [&](scenario::Scenario &s) { s.node(*a)->interfaces[0].address = address; })
              .ok());
  const auto found = scenario::conflicts(document.scenario());
  REQUIRE(found.size() == 1);
  REQUIRE(cureConflict(document, found[0]).ok());
  CHECK(scenario::conflicts(document.scenario()).empty());
  document.undoStack().undo();
  CHECK(scenario::conflicts(document.scenario()).size() == 1);
}

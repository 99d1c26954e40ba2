// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "tests/support/catch.h"
#include "ui/document/clips.h"
#include "ui/document/faults.h"

#include <algorithm>

using namespace packetarium;
using namespace packetarium::ui;
using Kind = scenario::ScriptEntry::Kind;

namespace {

struct Web {
  Document document;
  std::string link, node;
  Web() {
    REQUIRE(document.open(QString::fromUtf8(scenario::defaultScenarioId.data())).ok());
    REQUIRE(
        document.edit(QStringLiteral("empty the script"), [](auto &s) { s.script.clear(); }).ok());
    link = document.scenario().links.front().id;
    node = document.scenario().nodes.front().id;
  }
  const scenario::Scenario &s() const { return document.scenario(); }
  std::string label(const FaultRequest &request) const {
    return faultLabel(s(), request).replace(QChar(0xA0), u' ').toStdString();
  }
};

const SimTime second = SimTime::fromNs(1'000'000'000);
const SimTime two = SimTime::fromNs(2'000'000'000);

} // namespace

TEST_CASE("every action of a script has a name, an icon and a line of help of its own") {
  std::vector<QString> verbs;
  for (int i = 0; i < world::actionKinds; ++i) {
    const auto action = static_cast<Kind>(i);
    INFO(scenario::name(action));
    CHECK_FALSE(actionVerb(action).isEmpty());
    CHECK_FALSE(actionHelp(action).isEmpty());
    CHECK_FALSE(actionIcon(action).empty());
    CHECK(isCondition(action) == !presetsOf(action).empty());
    verbs.push_back(actionVerb(action));
  }
  std::sort(verbs.begin(), verbs.end());
  CHECK(std::adjacent_find(verbs.begin(), verbs.end()) == verbs.end());
}

TEST_CASE("what a menu offers lies within what a document may hold") {
  for (int i = 0; i < world::actionKinds; ++i) {
    const auto action = static_cast<Kind>(i);
    const scenario::ValueRange range = scenario::valueRange(action);
    for (const double value : presetsOf(action)) {
      INFO(scenario::name(action) << " " << value);
      CHECK(value >= range.minimum);
      CHECK(value <= range.maximum);
      CHECK_FALSE(valueText(action, value).isEmpty());
    }
    if (!isCondition(action)) continue;
    const Asking asking = askingOf(action);
    CHECK(asking.minimum * asking.unit >= range.minimum - 1e-9);
    CHECK(asking.maximum * asking.unit <= range.maximum * (1 + 1e-12));
  }
}

TEST_CASE("each condition can be set at an instant, is read back, and is undone whole") {
  Web web;
  const std::string before = scenario::toJson(web.s());
  for (int i = 0; i < world::actionKinds; ++i) {
    const auto action = static_cast<Kind>(i);
    if (!isCondition(action)) continue;
    INFO(scenario::name(action));
    const std::string &target = scenario::targetsNode(action) ? web.node : web.link;
    double value = presetsOf(action).back();
    if (value == conditionAt(web.s(), target, action, second)) value = presetsOf(action).front();
    REQUIRE(applyFault(web.document, {action, target, value, second}).ok());
    CHECK(conditionAt(web.s(), target, action, second) == value);
    CHECK(conditionAt(web.s(), target, action, SimTime::zero()) != value);
    const auto clips = clipsOf(web.s());
    REQUIRE(clips.size() == 1);
    CHECK(clips.front().from == second);
    CHECK(clips.front().open);
    CHECK_FALSE(clipLabel(web.s(), clips.front()).isEmpty());
    REQUIRE(stretchEnd(web.document, clips.front().beginId, second + Duration::ms(500)).ok());
    CHECK(conditionAt(web.s(), target, action, second + Duration::ms(600)) ==
          conditionAt(web.s(), target, action, SimTime::zero()));
    REQUIRE(clipsOf(web.s()).size() == 1);
    CHECK_FALSE(clipsOf(web.s()).front().open);
    web.document.undoStack().undo();
    web.document.undoStack().undo();
    CHECK(scenario::toJson(web.s()) == before);
  }
}

TEST_CASE(
    "at t = 0 a slow processor and a wrong clock are the document's, a side is the script's") {
  Web web;
  const SimTime start;
  REQUIRE(applyFault(web.document, {Kind::SetSlowness, web.node, 10, start}).ok());
  REQUIRE(applyFault(web.document, {Kind::SetClockOffset, web.node, -1e9, start}).ok());
  REQUIRE(applyFault(web.document, {Kind::SetClockDrift, web.node, 50, start}).ok());
  REQUIRE(applyFault(web.document, {Kind::SetFlap, web.link, 1e9, start}).ok());
  REQUIRE(applyFault(web.document, {Kind::SetBlocked, web.link, 2, start}).ok());
  CHECK(web.s().script.empty());
  CHECK(web.s().node(web.node)->slowness == 10);
  CHECK(web.s().node(web.node)->clockOffset == Duration::seconds(-1));
  CHECK(web.s().node(web.node)->clockDriftPpm == 50);
  CHECK(web.s().link(web.link)->flap == Duration::seconds(1));
  CHECK(web.s().link(web.link)->blocked == 2);
  REQUIRE(applyFault(web.document, {Kind::SetPartition, web.node, 1, start}).ok());
  CHECK(web.s().script.size() == 1);
}

TEST_CASE("faults are named as a person would say them") {
  Web web;
  const QString node = targetLabel(web.s(), web.node);
  const auto &ends = *web.s().link(web.link);
  const QString a = targetLabel(web.s(), ends.from.node), b = targetLabel(web.s(), ends.to.node);
  CHECK(web.label({Kind::RestartEmpty, web.node, 0, second}) ==
        QStringLiteral("Restart %1 with an empty disk at 1 s").arg(node).toStdString());
  CHECK(web.label({Kind::Promote, web.node, 0, second}) ==
        QStringLiteral("Promote %1 at 1 s").arg(node).toStdString());
  CHECK(web.label({Kind::SetSlowness, web.node, 10, second}) ==
        QStringLiteral("Set slowness of %1 to 10× at 1 s").arg(node).toStdString());
  CHECK(web.label({Kind::SetClockOffset, web.node, -1e9, second}).find("behind") !=
        std::string::npos);
  // What the first end sends is lost: only the other way is left.
  CHECK(valueText(web.s(), web.link, Kind::SetBlocked, 1) ==
        QStringLiteral("%1 → %2 only").arg(b, a));
  CHECK(valueText(web.s(), web.link, Kind::SetBlocked, 2) ==
        QStringLiteral("%1 → %2 only").arg(a, b));
}

TEST_CASE("a promotion and a loss of the disk are moments on the timeline, moved and removed") {
  Web web;
  REQUIRE(applyFault(web.document, {Kind::Promote, web.node, 0, second}).ok());
  REQUIRE(applyFault(web.document, {Kind::RestartEmpty, web.node, 0, two}).ok());
  auto clips = clipsOf(web.s());
  REQUIRE(clips.size() == 2);
  for (const ScriptClip &clip : clips) {
    CHECK(clip.moment);
    CHECK(clip.from == clip.to);
    CHECK_FALSE(clip.open);
  }
  REQUIRE(moveClip(web.document, clips[0].beginId, second + Duration::ms(250)).ok());
  CHECK(web.s().script.front().at == second + Duration::ms(250));
  const auto count = web.s().script.size();
  REQUIRE(stretchEnd(web.document, clips[0].beginId, two + Duration::seconds(1)).ok());
  CHECK(web.s().script.size() == count); // it has no end to stretch
  REQUIRE(removeClip(web.document, clips[0].beginId).ok());
  CHECK(web.s().script.size() == 1);
  // One that ends a crash is the end of that clip and nothing else.
  REQUIRE(applyFault(web.document, {Kind::CrashNode, web.node, 0, second}).ok());
  clips = clipsOf(web.s());
  REQUIRE(clips.size() == 1);
  CHECK_FALSE(clips[0].moment);
  CHECK(clips[0].to == two);
}

TEST_CASE("several faults are one edit, and what holds already is not written again") {
  Web web;
  std::vector<FaultRequest> sides;
  for (const auto &node : web.s().nodes) sides.push_back({Kind::SetPartition, node.id, 1, second});
  const int before = web.document.undoStack().count();
  REQUIRE(applyFaults(web.document, QStringLiteral("sides"), sides).ok());
  CHECK(web.s().script.size() == sides.size());
  CHECK(web.document.undoStack().count() == before + 1);
  const auto once = web.s().script;
  for (auto &side : sides) side.at = two;
  REQUIRE(applyFaults(web.document, QStringLiteral("again"), sides).ok());
  CHECK(web.s().script == once);
  // Taken back at the instant at which it was set, nothing is left of it.
  for (auto &side : sides) side = {Kind::SetPartition, side.target, 0, second};
  REQUIRE(applyFaults(web.document, QStringLiteral("heal"), sides).ok());
  CHECK(web.s().script.empty());
}

TEST_CASE("nodes that crash and return together are one clip to people, which names them") {
  Web web;
  std::vector<FaultRequest> crashes;
  for (const auto &node : web.s().nodes)
    if (crashes.size() < 2) crashes.push_back({Kind::CrashNode, node.id, 1.0, second});
  REQUIRE(applyFaults(web.document, QStringLiteral("crashes"), crashes).ok());
  const auto clips = clipsOf(web.s());
  REQUIRE(clips.size() == 2);
  CHECK(belongTogether(clips[0], clips[1]));
  ScriptClip later = clips[1];
  later.from = two;
  CHECK_FALSE(belongTogether(clips[0], later));
  const QString text = clipsLabel(web.s(), clips);
  CHECK(text.startsWith(QStringLiteral("crash ")));
  for (const ScriptClip &clip : clips)
    CHECK(text.contains(clipsLabel(web.s(), {clip}).mid(6))); // its name, without "crash "
}

TEST_CASE(
    "the sides of one partition are one clip to people: moved, stretched and removed as one") {
  Web web;
  std::vector<FaultRequest> sides;
  for (const auto &node : web.s().nodes)
    sides.push_back({Kind::SetPartition, node.id, sides.empty() ? 1.0 : 2.0, second});
  REQUIRE(sides.size() > 2);
  REQUIRE(applyFaults(web.document, QStringLiteral("sides"), sides).ok());
  const auto clips = clipsOf(web.s());
  REQUIRE(clips.size() == sides.size());
  std::vector<std::string> ids;
  for (const ScriptClip &clip : clips) {
    CHECK(belongTogether(clips.front(), clip));
    ids.push_back(clip.beginId);
  }
  CHECK(clipsLabel(web.s(), clips).startsWith(QStringLiteral("partition: ")));
  const int edits = web.document.undoStack().count();
  REQUIRE(moveClips(web.document, ids, two).ok());
  REQUIRE(stretchEnds(web.document, ids, two + Duration::seconds(1)).ok());
  CHECK(web.document.undoStack().count() == edits + 2);
  for (const ScriptClip &clip : clipsOf(web.s())) {
    CHECK(clip.from == two);
    CHECK(clip.to == two + Duration::seconds(1));
  }
  for (const auto &node : web.s().nodes) {
    CHECK(conditionAt(web.s(), node.id, Kind::SetPartition, two) != 0);
    CHECK(conditionAt(web.s(), node.id, Kind::SetPartition, two + Duration::seconds(2)) == 0);
  }
  REQUIRE(removeClips(web.document, ids).ok());
  CHECK(web.s().script.empty());
  CHECK_FALSE(belongTogether(clips.front(), ScriptClip()));
}

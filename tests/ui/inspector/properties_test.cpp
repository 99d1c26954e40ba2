// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/program.h"
#include "core/scenario/conflicts.h"
#include "core/scenario/edit.h"
#include "core/scenario/json.h"
#include "tests/ui/sequence/run_stage.h"
#include "ui/document/edits.h"
#include "ui/document/faults.h"
#include "ui/forms/line_editor.h"
#include "ui/forms/records_editor.h"
#include "ui/inspector/conditions_form.h"
#include "ui/inspector/conflict_list.h"
#include "ui/inspector/fault_rows.h"
#include "ui/inspector/link_page.h"
#include "ui/inspector/node_form.h"
#include "ui/inspector/node_page.h"
#include "ui/inspector/node_properties.h"
#include "ui/inspector/several_page.h"

#include <QComboBox>
#include <QMenu>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

#include <set>

using namespace packetarium;
using namespace packetarium::ui;
using Action = scenario::ScriptEntry::Kind;

namespace {

SimTime ms(std::int64_t v) { return SimTime::fromNs(v * 1'000'000); }

void type(Field *field, const char *text) {
  REQUIRE(field != nullptr);
  REQUIRE(field->line() != nullptr);
  field->line()->setFocus();
  field->line()->selectAll();
  QTest::keyClicks(field->line(), QString::fromUtf8(text));
  QTest::keyClick(field->line(), Qt::Key_Return);
}

QString shown(Field *field) {
  REQUIRE(field != nullptr);
  return field->line()->text();
}

void prepare(QWidget &page) {
  page.resize(360, 700);
  page.show();
  QApplication::setActiveWindow(&page);
}

void selectNode(RunStage &stage, const char *id) {
  const NodeIndex node = stage.state.built().node(id);
  REQUIRE(node.valid());
  stage.state.select(Selection::ofNode(node));
}

const scenario::Program &lastProgram(const RunStage &stage, const char *node) {
  return stage.state.scenario().node(node)->programs.back();
}

/// A text for a parameter that differs from its default and is in its range.
QString otherText(const FieldSpec &spec, const programs::Parameter &p) {
  switch (spec.kind) {
  case FieldKind::Text:
    if (p.key == "url") return QStringLiteral("http://192.0.2.9/x");
    if (p.key == "zone") return QStringLiteral("example.org");
    return QStringLiteral("other");
  case FieldKind::Address: return QStringLiteral("192.0.2.77");
  default: {
    const auto up = stepped(spec, p.byDefault, 1);
    return fieldText(spec, up == p.byDefault ? stepped(spec, p.byDefault, -1) : up);
  }
  }
}

} // namespace

TEST_CASE("a node's fields show the document, and an edit is a named step of undo") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, "browser");
  PropertyForm &form = page.form().form();
  CHECK(shown(form.field("interfaces.eth0")) == QStringLiteral("192.168.1.10/24"));
  CHECK(shown(form.field("gateway")) == QStringLiteral("192.168.1.1"));
  type(form.field("interfaces.eth0"), "192.168.1.20/24");
  CHECK(stage.state.scenario().node("browser")->interfaces[0].address->text() == "192.168.1.20/24");
  CHECK(stage.document.undoStack().undoText() == QStringLiteral("Change eth0 of browser"));
  type(form.field("arp_timeout"), "2 min");
  CHECK(stage.state.scenario().node("browser")->arpTimeout == Duration::seconds(120));
  type(form.field("name"), "surfer");
  CHECK(stage.state.scenario().node("browser")->name == "surfer");
  stage.document.undoStack().undo();
  stage.document.undoStack().undo();
  CHECK(shown(form.field("arp_timeout")) == QStringLiteral("60 s"));
  CHECK(shown(form.field("name")) == QStringLiteral("browser"));
}

TEST_CASE("edits of one field that follow one another are one step of undo") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, "browser");
  Field *field = page.form().form().field("arp_timeout");
  REQUIRE(field != nullptr);
  field->line()->setFocus();
  for (int i = 0; i < 3; ++i) QTest::keyClick(field->line(), Qt::Key_Up);
  CHECK(stage.document.undoStack().count() == 1);
  CHECK(stage.state.scenario().node("browser")->arpTimeout > Duration::seconds(60));
  CHECK(field->line()->hasFocus());
}

TEST_CASE("an address that cannot be is refused in the document's words, at the field") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, "browser");
  Field *field = page.form().form().field("interfaces.eth0");
  type(field, "192.168.1.0/24");
  CHECK(field->error().contains(QStringLiteral("names the network itself")));
  CHECK(shown(field) == QStringLiteral("192.168.1.0/24"));
  CHECK(stage.document.undoStack().count() == 0);
}

TEST_CASE("the focus and what is being typed survive a run anew") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, "browser");
  Field *field = page.form().form().field("gateway");
  REQUIRE(field != nullptr);
  field->line()->setFocus();
  field->line()->selectAll();
  QTest::keyClicks(field->line(), QStringLiteral("192.168."));
  REQUIRE(
      stage.document.edit(QStringLiteral("x"), [](scenario::Scenario &s) { s.seed = 99; }).ok());
  QTest::qWait(50);
  CHECK(page.form().form().field("gateway") == field);
  CHECK(field->line()->hasFocus());
  CHECK(shown(field) == QStringLiteral("192.168."));
}

TEST_CASE("static routes are rows that can be added and are refused when they lead nowhere") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, "isp");
  Field *field = page.form().form().field("routes");
  REQUIRE(field != nullptr);
  RecordsEditor &rows = *field->records();
  rows.addRow();
  RecordsModel &model = rows.model();
  REQUIRE(model.setData(model.index(0, 0), QStringLiteral("10.9.0.0/16"), Qt::EditRole));
  CHECK(stage.state.scenario().node("isp")->routes.empty());
  CHECK_FALSE(field->error().isEmpty()); // the next hop is still to come
  REQUIRE(model.setData(model.index(0, 1), QStringLiteral("203.0.113.7"), Qt::EditRole));
  REQUIRE(stage.state.scenario().node("isp")->routes.size() == 1);
  CHECK(stage.state.scenario().node("isp")->routes[0].prefix.text() == "10.9.0.0/16");
  CHECK(field->error().isEmpty());
  CHECK_FALSE(model.setData(model.index(0, 0), QStringLiteral("10.9.0.1/16"), Qt::EditRole));
}

TEST_CASE("a program of every kind is added, its form opens, and it is removed") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, "web");
  QMenu menu;
  page.form().fillPrograms(menu);
  REQUIRE(menu.actions().size() == static_cast<int>(programs::programTypes().size()));
  for (std::size_t i = 0; i < programs::programTypes().size(); ++i) {
    const programs::ProgramType &type = programs::programTypes()[i];
    INFO(type.kind);
    const std::string before = scenario::toJson(stage.state.scenario());
    menu.actions().at(static_cast<int>(i))->trigger();
    REQUIRE_FALSE(scenario::toJson(stage.state.scenario()) == before);
    const std::string id = lastProgram(stage, "web").kind == type.kind
                               ? lastProgram(stage, "web").id
                               : std::string(type.kind);
    for (const programs::Parameter &p : type.parameters)
      CHECK(page.form().form().field("programs." + id + "." + p.key) != nullptr);
    stage.document.undoStack().undo();
    CHECK(scenario::toJson(stage.state.scenario()) == before);
    CHECK(page.form().form().field("programs." + id + "." + type.parameters.front().key) ==
          nullptr);
  }
}

TEST_CASE("every parameter of every kind is changed by its field, and kept in its range") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, "core"); // a router that runs nothing
  for (const programs::ProgramType &kind : programs::programTypes()) {
    std::string id;
    REQUIRE(stage.document
                .edit(QStringLiteral("add"),
                      [&](scenario::Scenario &s) { id = *scenario::install(s, "core", kind.kind); })
                .ok());
    const auto value = [&](const std::string &key) -> FieldValue {
      for (const scenario::Program &p : stage.state.scenario().node("core")->programs)
        if (p.id == id && p.parameters.contains(key)) return p.parameters.at(key);
      return {};
    };
    for (const programs::Parameter &p : kind.parameters) {
      INFO(kind.kind << "." << p.key);
      Field *field = page.form().form().field("programs." + id + "." + p.key);
      REQUIRE(field != nullptr);
      const FieldSpec spec = specOf(p);
      if (spec.kind == FieldKind::Records || p.checkText != nullptr) continue;
      if (field->line() == nullptr) {
        if (auto *combo = qobject_cast<QComboBox *>(field->editor()); combo && combo->count() > 1) {
          combo->setFocus();
          QTest::keyClick(combo, Qt::Key_Down);
          CHECK(value(p.key) == FieldValue(p.choices[1]));
        } else if (combo == nullptr) {
          QTest::keyClick(field->editor(), Qt::Key_Space);
          CHECK(value(p.key) == FieldValue(!std::get<bool>(p.byDefault)));
        }
        continue;
      }
      const QString text = otherText(spec, p);
      type(field, text.toUtf8().constData());
      CHECK(field->error().toStdString() == "");
      CHECK(value(p.key) == readField(spec, text).value);
      if (p.minimum == p.maximum) continue;
      const FieldValue before = value(p.key);
      type(field, spec.kind == FieldKind::Duration || spec.kind == FieldKind::Seconds
                      ? "9999999 h"
                      : "99999999999999999");
      CHECK_FALSE(field->error().isEmpty());
      CHECK(value(p.key) == before);
      QTest::keyClick(field->line(), Qt::Key_Escape);
    }
    REQUIRE(stage.document
                .edit(QStringLiteral("remove"),
                      [&](scenario::Scenario &s) { scenario::uninstall(s, "core", id); })
                .ok());
  }
}

TEST_CASE("what was chosen is marked, becomes one's own by typing, and is given back by emptying") {
  RunStage stage(QStringLiteral("web-request"));
  const auto host = placeNode(stage.document, *scenario::findPlaceable("host"), {0, 400});
  REQUIRE(host.ok());
  REQUIRE(connectNodes(stage.document, *host, "isp").ok());
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, host->c_str());
  PropertyForm &form = page.form().form();
  const scenario::Node *node = stage.state.scenario().node(*host);
  REQUIRE(node->gateway);
  const std::string chosen = node->gateway->text();
  CHECK(node->chosen.contains("gateway"));
  type(form.field("gateway"), "203.0.113.99");
  node = stage.state.scenario().node(*host);
  CHECK_FALSE(node->chosen.contains("gateway"));
  CHECK(node->gateway->text() == "203.0.113.99");
  type(form.field("gateway"), " ");
  node = stage.state.scenario().node(*host);
  CHECK(node->chosen.contains("gateway"));
  CHECK(node->gateway->text() == chosen);
  CHECK(shown(form.field("gateway")).toStdString() == chosen);
}

TEST_CASE("at t = 0 a link's fields edit the document, later they write the script") {
  RunStage stage(QStringLiteral("web-request"));
  LinkPage page(stage.state);
  prepare(page);
  const std::string id = stage.state.scenario().links.front().id;
  stage.state.select(Selection::ofLink(stage.state.built().link(id)));
  PropertyForm &form = page.conditions().form();
  stage.seekMs(0);
  type(form.field("delay"), "7 ms");
  CHECK(stage.state.scenario().link(id)->delay == Duration::ms(7));
  CHECK(stage.state.scenario().script.empty());

  stage.seekMs(50);
  CHECK(page.conditions().instant() == ms(50));
  type(form.field("delay"), "40 ms");
  type(form.field("loss"), "10 %");
  CHECK(stage.state.scenario().link(id)->delay == Duration::ms(7));
  REQUIRE(stage.state.scenario().script.size() == 2);
  CHECK(stage.state.scenario().script[0].at == ms(50));
  CHECK(stage.state.scenario().script[0].value == 40e6);
  CHECK(stage.document.undoStack().undoText().startsWith(QStringLiteral("Set loss of")));
  CHECK(shown(form.field("delay")) == QStringLiteral("40 ms"));

  page.conditions().setFromStart(true);
  CHECK(shown(form.field("delay")) == QStringLiteral("7 ms"));
  type(form.field("delay"), "8 ms");
  CHECK(stage.state.scenario().link(id)->delay == Duration::ms(8));
  CHECK(stage.state.scenario().script.size() == 2);
}

TEST_CASE("the cost of a link is the document's whatever the time") {
  RunStage stage(QStringLiteral("web-request"));
  LinkPage page(stage.state);
  prepare(page);
  const std::string id = stage.state.scenario().links.front().id;
  stage.state.select(Selection::ofLink(stage.state.built().link(id)));
  stage.seekMs(50);
  for (PropertyForm *form : page.findChildren<PropertyForm *>())
    if (Field *cost = form->field("cost")) type(cost, "12");
  CHECK(stage.state.scenario().link(id)->cost == 12);
  CHECK(stage.state.scenario().script.empty());
}

TEST_CASE("several links: what differs is said to, and one edit sets them all") {
  RunStage stage(QStringLiteral("web-request"));
  SeveralPage page(stage.state);
  prepare(page);
  stage.seekMs(0);
  const auto &links = stage.state.scenario().links;
  const std::vector<std::string> ids{links[0].id, links[1].id};
  REQUIRE_FALSE(links[0].delay == links[1].delay);
  stage.state.mark(ids);
  Field *delay = page.links().form().field("delay");
  REQUIRE(delay != nullptr);
  CHECK(delay->isMixed());
  type(delay, "33 ms");
  for (const std::string &id : ids)
    CHECK(stage.state.scenario().link(id)->delay == Duration::ms(33));
  CHECK(stage.document.undoStack().count() == 1);
  CHECK_FALSE(delay->isMixed());
}

TEST_CASE("several nodes: counted by kind, their shared properties set by one edit") {
  RunStage stage(QStringLiteral("web-request"));
  SeveralPage page(stage.state);
  prepare(page);
  const std::vector<std::string> ids{"isp", "core", "backup"};
  stage.state.mark(ids);
  CHECK(countedKinds(stage.state.scenario(), ids) == QStringLiteral("3 routers"));
  CHECK(countedKinds(stage.state.scenario(), {"browser", "isp", "note1"}) ==
        QStringLiteral("1 laptop, 1 router, 1 note"));
  CHECK(page.nodes().field("gateway") == nullptr);
  type(page.nodes().field("arp_timeout"), "90 s");
  for (const std::string &id : ids)
    CHECK(stage.state.scenario().node(id)->arpTimeout == Duration::seconds(90));
  CHECK(stage.document.undoStack().count() == 1);
  CHECK(stage.document.undoStack().undoText() == QStringLiteral("Change ARP timeout of 3 things"));
}

TEST_CASE("a conflict is told on the page of its node, and its button cures it") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, "browser");
  auto *list = page.findChild<ConflictList *>();
  REQUIRE(list != nullptr);
  CHECK(list->count() == 0);
  CHECK_FALSE(list->isVisible());
  type(page.form().form().field("gateway"), "203.0.113.1"); // not in its subnet
  REQUIRE(scenario::conflicts(stage.state.scenario()).size() == 1);
  CHECK(list->count() == 1);
  CHECK(list->isVisible());
  const auto buttons = list->findChildren<QPushButton *>();
  REQUIRE(buttons.size() == 1);
  buttons.front()->click();
  CHECK(list->count() == 0);
  CHECK(stage.state.scenario().node("browser")->gateway->text() == "192.168.1.1");
  selectNode(stage, "web");
  CHECK_FALSE(list->isVisible());
}

TEST_CASE("the properties are in front at rest at the start, the tables while it plays") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  stage.seekMs(0);
  selectNode(stage, "browser");
  CHECK(page.tab() == NodePage::Properties);
  stage.seekMs(50);
  selectNode(stage, "web");
  CHECK(page.tab() == NodePage::Live);
  page.setTab(NodePage::Properties); // asked for once, for the next ones too
  selectNode(stage, "dns");
  CHECK(page.tab() == NodePage::Properties);
  page.setTab(NodePage::Live);
  selectNode(stage, "web");
  CHECK(page.tab() == NodePage::Live);
  // A run anew does not turn the page over.
  REQUIRE(stage.document.edit(QStringLiteral("x"), [](scenario::Scenario &d) { d.seed = 9; }).ok());
  QTest::qWait(20);
  CHECK(page.tab() == NodePage::Live);
}

TEST_CASE("the faults of a node are listed and can be taken out") {
  RunStage stage(QStringLiteral("web-request"));
  NodePage page(stage.state);
  prepare(page);
  selectNode(stage, "web");
  REQUIRE(applyFault(stage.document, {Action::CrashNode, "web", 0, ms(50)}).ok());
  REQUIRE(applyFault(stage.document, {Action::RestartNode, "web", 0, ms(70)}).ok());
  auto *faults = page.findChild<FaultRows *>();
  REQUIRE(faults != nullptr);
  CHECK(faults->count() == 1);
  for (QToolButton *button : faults->findChildren<QToolButton *>()) button->click();
  CHECK(faults->count() == 0);
  CHECK(stage.state.scenario().script.empty());
}

TEST_CASE("no two fields of a program are called the same") {
  RunStage stage(QStringLiteral("web-request"));
  scenario::Node node = *stage.state.scenario().node("core");
  for (const programs::ProgramType &kind : programs::programTypes()) {
    const PropertySection section =
        programSection(stage.document, node, {"x", std::string(kind.kind), {}});
    std::set<QString> captions;
    for (const auto *list : {&section.properties, &section.folded})
      for (const Property &p : *list) {
        INFO(kind.kind << " " << p.path);
        CHECK(captions.insert(p.spec.caption).second);
      }
    // What must be given stands first.
    bool optional = false;
    for (const Property &p : section.properties) {
      const bool required = std::any_of(kind.parameters.begin(), kind.parameters.end(),
                                        [&](const programs::Parameter &d) {
                                          return d.required && p.path.ends_with("." + d.key);
                                        });
      CHECK_FALSE((optional && required));
      optional = optional || !required;
    }
  }
}

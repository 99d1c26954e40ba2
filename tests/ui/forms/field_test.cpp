// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/forms/field.h"
#include "ui/forms/line_editor.h"
#include "ui/forms/records_editor.h"
#include "ui/theme/theme_hub.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QTableView>
#include <QTest>
#include <QToolButton>

using namespace packetarium;
using namespace packetarium::ui;
using Value = programs::ParameterValue;

namespace {

Value whole(std::int64_t v) { return v; }

/// A field on a stage of its own, that takes what it is told and remembers it.
struct FieldStage {
  ThemeHub hub{ThemeChoice::Dark};
  QWidget window;
  QWidget *elsewhere;
  Field *field;
  std::vector<FieldValue> taken;
  QString fault;

  explicit FieldStage(const FieldSpec &spec) {
    elsewhere = new QWidget(&window);
    elsewhere->setFocusPolicy(Qt::StrongFocus);
    field = new Field(hub, spec, &window);
    field->setGeometry(0, 0, 320, 200);
    field->setCommit([this](const FieldValue &value) {
      if (!fault.isEmpty()) return fault;
      taken.push_back(value);
      field->setValues({value});
      return QString();
    });
    window.resize(340, 220);
    window.show();
    QApplication::setActiveWindow(&window);
    field->editor()->setFocus();
  }
  LineEditor &line() const { return *field->line(); }
  void type(const char *text) {
    line().setFocus();
    line().selectAll();
    QTest::keyClicks(&line(), QString::fromUtf8(text));
  }
};

FieldSpec delaySpec() {
  FieldSpec spec;
  spec.kind = FieldKind::Duration;
  spec.caption = QStringLiteral("Delay");
  spec.maximum = 3.6e12;
  return spec;
}

FieldSpec rowsSpec() {
  FieldSpec spec;
  spec.kind = FieldKind::Records;
  spec.caption = QStringLiteral("Rows");
  spec.mayBeEmpty = true;
  FieldSpec name;
  name.key = "name";
  name.caption = QStringLiteral("Name");
  FieldSpec ttl;
  ttl.kind = FieldKind::Seconds;
  ttl.key = "ttl_s";
  ttl.caption = QStringLiteral("TTL");
  ttl.mayBeEmpty = true;
  ttl.byDefault = whole(300);
  ttl.maximum = 1000;
  spec.columns = {name, ttl};
  return spec;
}

programs::ParameterRow row(const char *name) { return {{{"name", std::string(name)}}}; }

} // namespace

TEST_CASE("Enter commits what was typed, once") {
  FieldStage stage(delaySpec());
  stage.field->setValues({whole(20'000'000)});
  CHECK(stage.line().text() == QStringLiteral("20 ms"));
  stage.type("1.5 s");
  QTest::keyClick(&stage.line(), Qt::Key_Return);
  REQUIRE(stage.taken.size() == 1);
  CHECK(stage.taken.front() == FieldValue(whole(1'500'000'000)));
  stage.elsewhere->setFocus();
  CHECK(stage.taken.size() == 1);
}

TEST_CASE("leaving the field commits too") {
  FieldStage stage(delaySpec());
  stage.field->setValues({whole(20'000'000)});
  stage.type("30");
  stage.elsewhere->setFocus();
  REQUIRE(stage.taken.size() == 1);
  CHECK(stage.taken.front() == FieldValue(whole(30'000'000)));
  CHECK(stage.line().text() == QStringLiteral("30 ms"));
}

TEST_CASE("Escape restores, and commits nothing") {
  FieldStage stage(delaySpec());
  stage.field->setValues({whole(20'000'000)});
  stage.type("9 h");
  QTest::keyClick(&stage.line(), Qt::Key_Return);
  CHECK_FALSE(stage.field->error().isEmpty());
  QTest::keyClick(&stage.line(), Qt::Key_Escape);
  CHECK(stage.line().text() == QStringLiteral("20 ms"));
  CHECK(stage.field->error().isEmpty());
  CHECK(stage.line().hasFocus());
  QTest::keyClick(&stage.line(), Qt::Key_Escape);
  CHECK_FALSE(stage.line().hasFocus());
  CHECK(stage.taken.empty());
}

TEST_CASE("a wrong value stays in the field with the error beneath, and nothing is committed") {
  FieldStage stage(delaySpec());
  stage.field->setValues({whole(20'000'000)});
  stage.type("2 h");
  QTest::keyClick(&stage.line(), Qt::Key_Return);
  CHECK(stage.line().text() == QStringLiteral("2 h"));
  CHECK(stage.field->error() == QStringLiteral("Must be 0 s to 1 h."));
  CHECK(stage.taken.empty());
  // What the document refuses is told in the same place.
  stage.fault = QStringLiteral("The run says no.");
  stage.type("2 s");
  QTest::keyClick(&stage.line(), Qt::Key_Return);
  CHECK(stage.line().text() == QStringLiteral("2 s"));
  CHECK(stage.field->error() == QStringLiteral("The run says no."));
}

TEST_CASE("a change of the document does not touch what is being typed") {
  FieldStage stage(delaySpec());
  stage.field->setValues({whole(20'000'000)});
  stage.type("4");
  stage.field->setValues({whole(70'000'000)});
  CHECK(stage.line().text() == QStringLiteral("4"));
  QTest::keyClick(&stage.line(), Qt::Key_Escape);
  stage.field->setValues({whole(80'000'000)});
  CHECK(stage.line().text() == QStringLiteral("80 ms"));
}

TEST_CASE("the arrow keys step, and a step is committed") {
  FieldStage stage(delaySpec());
  stage.field->setValues({whole(20'000'000)});
  QTest::keyClick(&stage.line(), Qt::Key_Up);
  QTest::keyClick(&stage.line(), Qt::Key_Up);
  QTest::keyClick(&stage.line(), Qt::Key_Down);
  REQUIRE(stage.taken.size() == 3);
  CHECK(stage.taken.back() == FieldValue(whole(50'000'000)));
  CHECK(stage.line().text() == QStringLiteral("50 ms"));
}

TEST_CASE("several values are said to be several, and one typed is for all") {
  FieldStage stage(delaySpec());
  stage.field->setValues({whole(1'000'000), whole(2'000'000)});
  CHECK(stage.field->isMixed());
  CHECK(stage.line().text().isEmpty());
  CHECK(stage.line().placeholderText() == QStringLiteral("several values"));
  stage.type("3 ms");
  QTest::keyClick(&stage.line(), Qt::Key_Return);
  REQUIRE(stage.taken.size() == 1);
  CHECK(stage.taken.front() == FieldValue(whole(3'000'000)));
}

TEST_CASE("a chosen value is marked, and one set by hand can be given back by a press") {
  FieldSpec spec;
  spec.kind = FieldKind::Address;
  spec.mayBeEmpty = true;
  FieldStage stage(spec);
  stage.field->setValues({Value(std::string("10.0.0.1"))});
  stage.field->setOrigin(FieldOrigin::Chosen);
  CHECK(stage.line().sign()->text() == QStringLiteral("auto"));
  stage.field->setOrigin(FieldOrigin::ByHand);
  QTest::mouseClick(stage.line().sign(), Qt::LeftButton);
  REQUIRE(stage.taken.size() == 1);
  CHECK_FALSE(stage.taken.front());
}

TEST_CASE("a choice and a switch commit what is picked") {
  FieldSpec choice;
  choice.kind = FieldKind::Choice;
  choice.choices = {{"a", QStringLiteral("First")}, {"b", QStringLiteral("Second")}};
  FieldStage picks(choice);
  picks.field->setValues({Value(std::string("a"))});
  auto *combo = qobject_cast<QComboBox *>(picks.field->editor());
  REQUIRE(combo != nullptr);
  CHECK(combo->currentText() == QStringLiteral("First"));
  QTest::keyClick(combo, Qt::Key_Down);
  REQUIRE(picks.taken.size() == 1);
  CHECK(picks.taken.front() == FieldValue(std::string("b")));
  picks.field->setValues({Value(std::string("a")), Value(std::string("b"))});
  CHECK(combo->currentIndex() == -1);

  FieldSpec boolean;
  boolean.kind = FieldKind::Boolean;
  FieldStage flips(boolean);
  flips.field->setValues({Value(true)});
  auto *check = qobject_cast<QCheckBox *>(flips.field->editor());
  REQUIRE(check != nullptr);
  CHECK(check->isChecked());
  QTest::keyClick(check, Qt::Key_Space);
  CHECK(flips.taken.back() == FieldValue(false));
  flips.field->setValues({Value(true), Value(false)});
  CHECK(check->checkState() == Qt::PartiallyChecked);
  QTest::keyClick(check, Qt::Key_Space);
  CHECK(flips.taken.back() == FieldValue(true));
}

TEST_CASE("rows are a proper item model") {
  RecordsModel model(rowsSpec().columns);
  const QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setRows({row("www"), row("mail")});
  CHECK(model.data(model.index(1, 0), Qt::DisplayRole).toString() == QStringLiteral("mail"));
  CHECK(model.data(model.index(1, 1), Qt::DisplayRole).toString() == QStringLiteral("5 min"));
  CHECK(model.setData(model.index(0, 1), QStringLiteral("60 s"), Qt::EditRole));
  CHECK(model.rows().front().values.at("ttl_s") == whole(60));
  CHECK_FALSE(model.setData(model.index(0, 1), QStringLiteral("2000 s"), Qt::EditRole));
  CHECK(model.rows().front().values.at("ttl_s") == whole(60));
  model.addRow();
  CHECK(model.firstMissing() == model.index(2, 0));
  model.removeRow(2);
  model.setRows({});
  CHECK(model.rowCount() == 0);
}

TEST_CASE("a new row is a draft until what it needs is given; Escape takes it back") {
  FieldStage stage(rowsSpec());
  stage.field->setValues({Value(std::vector<programs::ParameterRow>{row("www")})});
  RecordsEditor &records = *stage.field->records();
  records.addRow();
  CHECK(records.isDraft());
  CHECK(records.rows().size() == 2);
  CHECK(stage.taken.empty());
  records.discard();
  CHECK(records.rows().size() == 1);
  records.addRow();
  REQUIRE(
      records.model().setData(records.model().index(1, 0), QStringLiteral("mail"), Qt::EditRole));
  REQUIRE(stage.taken.size() == 1);
  CHECK_FALSE(records.isDraft());
  const auto &rows = std::get<std::vector<programs::ParameterRow>>(*stage.taken.back());
  CHECK(rows == std::vector{row("www"), row("mail")});
  records.table()->setCurrentIndex(records.model().index(0, 0));
  QTest::keyClick(records.table(), Qt::Key_Delete);
  REQUIRE(stage.taken.size() == 2);
  CHECK(std::get<std::vector<programs::ParameterRow>>(*stage.taken.back()) ==
        std::vector{row("mail")});
}

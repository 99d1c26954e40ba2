// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/caption_card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/rows.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/tab_strip.h"
#include "ui/widgets/toast.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QShortcut>
#include <QSignalSpy>
#include <QTest>
#include <QVBoxLayout>

using namespace packetarium::ui;

namespace {

void addSteps(SegmentedControl &control) {
  for (const char *text : {"Event", "Hop", "Message", "Phase"})
    control.addSegment(QLatin1String(text));
}

void present(QWidget &window) {
  window.show();
  window.activateWindow();
  REQUIRE(QTest::qWaitForWindowActive(&window));
}

QList<QRadioButton *> segmentsOf(SegmentedControl &control) {
  return control.findChildren<QRadioButton *>();
}

int inkIn(const QImage &image, const QRect &where, const QColor &ground) {
  int count = 0;
  for (int y = where.top(); y <= where.bottom(); ++y)
    for (int x = where.left(); x <= where.right(); ++x)
      count += image.pixelColor(x, y) == ground ? 0 : 1;
  return count;
}

} // namespace

TEST_CASE("a click chooses a segment and tells it once") {
  ThemeHub hub(ThemeChoice::Light);
  SegmentedControl control(hub);
  addSteps(control);
  present(control);
  CHECK(control.currentIndex() == 0);
  QSignalSpy changed(&control, &SegmentedControl::currentChanged);
  QSignalSpy chosen(&control, &SegmentedControl::chosen);
  QTest::mouseClick(segmentsOf(control)[2], Qt::LeftButton);
  CHECK(control.currentIndex() == 2);
  REQUIRE(chosen.size() == 1);
  CHECK(chosen[0][0].toInt() == 2);
  QTest::mouseClick(segmentsOf(control)[2], Qt::LeftButton);
  CHECK(changed.size() == 1);
  CHECK(segmentsOf(control)[2]->isChecked());
  control.setCurrentIndex(1);
  CHECK(chosen.size() == 1); // chosen is the user's word only
  CHECK(changed.size() == 2);
  control.setCurrentIndex(9);
  CHECK(control.currentIndex() == 1);
}

TEST_CASE("arrows, Home and End move the choice and stop at the ends") {
  ThemeHub hub(ThemeChoice::Light);
  SegmentedControl control(hub);
  addSteps(control);
  present(control);
  control.setFocus(Qt::TabFocusReason);
  const auto press = [](Qt::Key key) { QTest::keyClick(QApplication::focusWidget(), key); };
  press(Qt::Key_Right);
  CHECK(control.currentIndex() == 1);
  press(Qt::Key_Left);
  press(Qt::Key_Left);
  CHECK(control.currentIndex() == 0);
  press(Qt::Key_End);
  CHECK(control.currentIndex() == 3);
  press(Qt::Key_Down);
  CHECK(control.currentIndex() == 3);
  press(Qt::Key_Home);
  CHECK(control.currentIndex() == 0);
  CHECK(segmentsOf(control)[0]->hasFocus());
}

TEST_CASE("arrow keys belong to the focused control even where a shortcut wants them") {
  ThemeHub hub(ThemeChoice::Light);
  QWidget window;
  auto *column = new QVBoxLayout(&window);
  auto *control = new SegmentedControl(hub, &window);
  addSteps(*control);
  column->addWidget(control);
  QShortcut stepForward(QKeySequence(Qt::Key_Right), &window);
  QSignalSpy stepped(&stepForward, &QShortcut::activated);
  present(window);
  control->setFocus(Qt::TabFocusReason);
  QTest::keyClick(QApplication::focusWidget(), Qt::Key_Right);
  CHECK(control->currentIndex() == 1);
  CHECK(stepped.isEmpty());
}

TEST_CASE("a segmented control is one stop in the tab order") {
  ThemeHub hub(ThemeChoice::Light);
  QWidget window;
  auto *column = new QVBoxLayout(&window);
  auto *before = new QLineEdit(&window);
  auto *control = new SegmentedControl(hub, &window);
  addSteps(*control);
  auto *after = new QLineEdit(&window);
  for (QWidget *widget : {static_cast<QWidget *>(before), static_cast<QWidget *>(control),
                          static_cast<QWidget *>(after)})
    column->addWidget(widget);
  present(window);
  control->setCurrentIndex(2);
  before->setFocus();
  QTest::keyClick(before, Qt::Key_Tab);
  CHECK(QApplication::focusWidget() == segmentsOf(*control)[2]);
  QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
  CHECK(QApplication::focusWidget() == after);
}

TEST_CASE("a screen reader meets radio buttons, named buttons and labels") {
  ThemeHub hub(ThemeChoice::Light);
  SegmentedControl control(hub);
  addSteps(control);
  QAccessibleInterface *segment = QAccessible::queryAccessibleInterface(segmentsOf(control)[0]);
  REQUIRE(segment != nullptr);
  CHECK(segment->role() == QAccessible::RadioButton);
  CHECK(segment->text(QAccessible::Name) == QStringLiteral("Event"));
  CHECK(segment->state().checked);
  IconButton button(hub, "play", QStringLiteral("Play"));
  CHECK(QAccessible::queryAccessibleInterface(&button)->text(QAccessible::Name) ==
        QStringLiteral("Play"));
  CHECK(button.toolTip() == QStringLiteral("Play"));
  Pill pill(hub, QStringLiteral("99.95 % up"), Tone::Bad, "close");
  CHECK(pill.accessibleName() == QStringLiteral("99.95 % up"));
}

TEST_CASE("an icon button presses by mouse and by Space, past a shortcut on Space") {
  ThemeHub hub(ThemeChoice::Light);
  QWidget window;
  auto *button =
      new IconButton(hub, "play", QStringLiteral("Play"), IconButton::Variant::Primary, &window);
  button->resize(button->sizeHint());
  QShortcut playPause(QKeySequence(Qt::Key_Space), &window);
  QSignalSpy played(&playPause, &QShortcut::activated);
  QSignalSpy clicks(button, &QToolButton::clicked);
  present(window);
  QTest::mouseClick(button, Qt::LeftButton);
  CHECK(clicks.size() == 1);
  button->setFocus(Qt::TabFocusReason);
  QTest::keyClick(button, Qt::Key_Space);
  CHECK(clicks.size() == 2);
  CHECK(played.isEmpty());
  CHECK(button->sizeHint() == QSize(45, 30));
}

TEST_CASE("every widget grows with the type scale and cuts no text off") {
  ThemeHub hub(ThemeChoice::Light);
  SegmentedControl control(hub);
  addSteps(control);
  Pill pill(hub, QStringLiteral("p99 < 200 ms"), Tone::Good, "check");
  TabStrip tabs(hub);
  tabs.addTab(QStringLiteral("Sequence"));
  tabs.addTab(QStringLiteral("Packets"));
  SectionHeader header(hub, QStringLiteral("Devices"), QStringLiteral("8 kinds"));
  TimeLabel time(hub);
  IconButton button(hub, "fit", QStringLiteral("Fit"));
  const QList<QWidget *> widgets{&control, &pill, &tabs, &header, &time, &button};
  QList<QSize> before;
  for (QWidget *widget : widgets) before << widget->sizeHint();
  hub.setTypeScale(2.0);
  for (int i = 0; i < widgets.size(); ++i) {
    INFO(widgets[i]->metaObject()->className());
    CHECK(widgets[i]->sizeHint().width() >= before[i].width() * 1.6);
    CHECK(widgets[i]->sizeHint().height() >= before[i].height() * 1.6);
  }
  const QFontMetrics metrics(hub.typography().name());
  for (QRadioButton *segment : segmentsOf(control))
    CHECK(segment->sizeHint().width() > metrics.horizontalAdvance(segment->text()));
}

TEST_CASE("an elided label gives way and shows the rest when there is room") {
  ThemeHub hub(ThemeChoice::Light);
  ElidedLabel label(hub, QStringLiteral("web-1 to browser, hop 3 of 5, at core-1"));
  CHECK(label.minimumSizeHint().width() < label.sizeHint().width() / 3);
  label.resize(60, 20);
  CHECK(label.isElided());
  label.resize(label.sizeHint());
  CHECK_FALSE(label.isElided());
}

TEST_CASE("a clickable pill answers mouse and keyboard, a plain one does not") {
  ThemeHub hub(ThemeChoice::Dark);
  Pill pill(hub, QStringLiteral("99.41 %"), Tone::Bad);
  QSignalSpy clicks(&pill, &Pill::clicked);
  present(pill);
  QTest::mouseClick(&pill, Qt::LeftButton);
  CHECK(clicks.isEmpty());
  CHECK(pill.focusPolicy() == Qt::NoFocus);
  pill.setClickable(true);
  QTest::mouseClick(&pill, Qt::LeftButton);
  QTest::keyClick(&pill, Qt::Key_Return);
  CHECK(clicks.size() == 2);
}

TEST_CASE("a form row shows its help, then its error, then its help again") {
  ThemeHub hub(ThemeChoice::Light);
  auto *editor = new QLineEdit;
  FormRow row(hub, QStringLiteral("Delay"), editor, QStringLiteral("ms"));
  row.setHelp(QStringLiteral("0 to 10 000 ms"));
  const auto shows = [&row](const QString &text) {
    for (const QLabel *label : row.findChildren<QLabel *>())
      if (!label->isHidden() && label->text() == text) return true;
    return false;
  };
  CHECK(shows(QStringLiteral("0 to 10 000 ms")));
  row.setError(QStringLiteral("must be at least 0"));
  CHECK(shows(QStringLiteral("must be at least 0")));
  CHECK_FALSE(shows(QStringLiteral("0 to 10 000 ms")));
  CHECK(editor->property("invalid").toBool());
  CHECK(editor->accessibleName() == QStringLiteral("Delay in ms"));
  row.setError({});
  CHECK(shows(QStringLiteral("0 to 10 000 ms")));
  CHECK_FALSE(row.hasError());
}

TEST_CASE("a caption card is as tall as its words and passes on what is pressed") {
  ThemeHub hub(ThemeChoice::Light);
  CaptionCard card(hub);
  card.setTitle(QStringLiteral("Why was this packet lost?"));
  card.setText(QStringLiteral("Short."));
  const int shortHeight = card.height();
  card.setText(QStringLiteral("core-2 had no route to 192.0.2.0/24: its link to isp was cut at "
                              "96.0 ms, and OSPF needs 31 ms more. ")
                   .repeated(4));
  CHECK(card.height() >= shortHeight + 60);
  const int again = card.addButton(QStringLiteral("Again"));
  const int next = card.addButton(QStringLiteral("Next"), true);
  card.setClosable(true);
  QSignalSpy pressed(&card, &CaptionCard::buttonClicked);
  QSignalSpy closed(&card, &CaptionCard::closed);
  present(card);
  QTest::mouseClick(card.button(next), Qt::LeftButton);
  REQUIRE(pressed.size() == 1);
  CHECK(pressed[0][0].toInt() == next);
  CHECK(again != next);
  card.clearButtons();
  CHECK(card.button(0) == nullptr);
  QTest::mouseClick(card.findChild<IconButton *>(), Qt::LeftButton);
  CHECK(closed.size() == 1);
  CHECK(card.isHidden());
}

TEST_CASE("a toast goes by itself, and its action is not a dismissal") {
  ThemeHub hub(ThemeChoice::Dark);
  QWidget window;
  window.resize(900, 500);
  auto *toast = new Toast(hub, &window);
  present(window);
  QSignalSpy acted(toast, &Toast::actionTriggered);
  QSignalSpy gone(toast, &Toast::dismissed);
  toast->post(QStringLiteral("Cut isp \u2013 core-2"), QStringLiteral("Undo"), 0);
  REQUIRE(toast->isVisible());
  CHECK(window.rect().contains(toast->geometry().center()));
  QTest::mouseClick(toast->findChild<QPushButton *>(), Qt::LeftButton);
  CHECK(acted.size() == 1);
  CHECK(gone.isEmpty());
  CHECK(toast->isHidden());
  toast->post(QStringLiteral("Saved"), {}, 50);
  CHECK(QTest::qWaitFor([toast] { return toast->isHidden(); }, 3000));
  CHECK(gone.size() == 1);
}

TEST_CASE("a toast keeps to its parent's lower edge in the middle") {
  ThemeHub hub(ThemeChoice::Dark);
  QWidget window;
  window.resize(900, 500);
  auto *toast = new Toast(hub, &window);
  present(window);
  toast->post(QStringLiteral("Saved"), {}, 0);
  window.resize(1200, 700);
  QApplication::processEvents();
  CHECK(std::abs(toast->geometry().center().x() - 600) <= 1);
  CHECK(toast->geometry().bottom() < 700);
  CHECK(toast->geometry().bottom() > 640);
}

TEST_CASE("an empty state offers its action") {
  ThemeHub hub(ThemeChoice::Light);
  EmptyState empty(hub, "packet", QStringLiteral("No packet yet. Press play."));
  auto *button = empty.findChild<QPushButton *>();
  CHECK(button->isHidden());
  empty.setAction(QStringLiteral("Play"));
  QSignalSpy triggered(&empty, &EmptyState::actionTriggered);
  present(empty);
  QTest::mouseClick(button, Qt::LeftButton);
  CHECK(triggered.size() == 1);
}

TEST_CASE("painted widgets take their colours from the theme of the moment") {
  ThemeHub hub(ThemeChoice::Light);
  Pill pill(hub, QStringLiteral("HTTP"), Tone::Accent);
  pill.setVariant(Pill::Variant::Tint);
  pill.resize(pill.sizeHint());
  const auto middle = [&pill] { return pill.grab().toImage().pixelColor(pill.width() / 2, 3); };
  CHECK(middle() == Theme::light().accentSoft);
  hub.setChoice(ThemeChoice::Dark);
  CHECK(middle() == Theme::dark().accentSoft);
  TimeLabel time(hub);
  time.setTimeNs(127'480'312);
  time.resize(time.sizeHint());
  QImage canvas(time.size(), QImage::Format_ARGB32);
  canvas.fill(Theme::dark().panel);
  time.render(&canvas, {}, {}, QWidget::DrawChildren);
  CHECK(inkIn(canvas, canvas.rect(), Theme::dark().panel) > 100);
}

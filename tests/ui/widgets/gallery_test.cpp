// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/caption_card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/rows.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/tab_panel.h"
#include "ui/widgets/tables.h"
#include "ui/widgets/toast.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPainter>
#include <QPushButton>
#include <QRadioButton>
#include <QSlider>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <set>

using namespace packetarium::ui;

namespace {

QWidget *rowOf(const QList<QWidget *> &widgets, QWidget *parent) {
  auto *row = new QWidget(parent);
  auto *layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  for (QWidget *widget : widgets) layout->addWidget(widget);
  layout->addStretch(1);
  return row;
}

QWidget *transport(const ThemeHub &hub, QWidget *parent) {
  auto *steps = new SegmentedControl(hub);
  for (const char *text : {"Event", "Hop", "Message", "Phase"})
    steps->addSegment(QLatin1String(text));
  steps->setCurrentIndex(2);
  auto *pace = new QSlider(Qt::Horizontal);
  pace->setFixedWidth(hub.typography().px(120));
  pace->setValue(48);
  auto *time = new TimeLabel(hub);
  time->setTimeNs(127'480'312);
  using Variant = IconButton::Variant;
  auto *disabled = new IconButton(hub, "redo", QStringLiteral("Redo"), Variant::Flat);
  disabled->setEnabled(false);
  auto *checked = new IconButton(hub, "eye", QStringLiteral("Show"), Variant::Flat);
  checked->setCheckable(true);
  checked->setChecked(true);
  const auto make = [&](const char *icon, Variant variant) {
    return new IconButton(hub, icon, QLatin1String(icon), variant);
  };
  return rowOf({make("skip-start", Variant::Framed), make("step-back", Variant::Framed),
                make("pause", Variant::Primary), make("step-forward", Variant::Framed), steps, pace,
                time, make("undo", Variant::Flat), disabled, checked,
                new Pill(hub, QStringLiteral("p99 < 200 ms"), Tone::Good, "check"),
                new Pill(hub, QStringLiteral("99.95 % up"), Tone::Bad, "close")},
               parent);
}

QWidget *pills(const ThemeHub &hub, QWidget *parent) {
  QList<QWidget *> row;
  for (const ProtocolHue hue :
       {ProtocolHue::Tcp, ProtocolHue::Ip, ProtocolHue::Http, ProtocolHue::Arp, ProtocolHue::Tls}) {
    auto *pill = new Pill(hub, QStringLiteral("Protocol"), Tone::Neutral, "packet");
    pill->setVariant(Pill::Variant::Tint);
    pill->setHue([hue](const Theme &theme) { return theme.protocol(hue); });
    row << pill;
  }
  row << new Pill(hub, QStringLiteral("paused"), Tone::Neutral, "pause")
      << new Pill(hub, QStringLiteral("degraded"), Tone::Warn, "warning");
  return rowOf(row, parent);
}

QWidget *forms(const ThemeHub &hub, QWidget *parent) {
  auto *box = new QWidget(parent);
  auto *column = new QVBoxLayout(box);
  column->addWidget(
      new SectionHeader(hub, QStringLiteral("Link"), QStringLiteral("isp \u2013 core-1")));
  auto *delay = new QSpinBox;
  delay->setRange(0, 10'000);
  delay->setValue(20);
  auto *delayRow = new FormRow(hub, QStringLiteral("Delay"), delay, QStringLiteral("ms"));
  delayRow->setHelp(QStringLiteral("One way, 0 to 10 000 ms"));
  column->addWidget(delayRow);
  auto *rate = new QLineEdit(QStringLiteral("0"));
  auto *rateRow = new FormRow(hub, QStringLiteral("Rate"), rate, QStringLiteral("Mbit/s"));
  rateRow->setError(QStringLiteral("must be at least 1, got 0"));
  column->addWidget(rateRow);
  auto *combo = new QComboBox;
  combo->addItems({QStringLiteral("Drop tail"), QStringLiteral("RED")});
  column->addWidget(new FormRow(hub, QStringLiteral("Queue"), combo));
  auto *search = new QLineEdit;
  search->setPlaceholderText(QStringLiteral("Find anything"));
  column->addWidget(search);
  auto *on = new QCheckBox(QStringLiteral("Jumbo frames"));
  on->setChecked(true);
  auto *radio = new QRadioButton(QStringLiteral("Full duplex"));
  radio->setChecked(true);
  column->addWidget(rowOf({on, new QCheckBox(QStringLiteral("ECN")), radio}, box));
  auto *primary = new QPushButton(QStringLiteral("Apply"));
  setButtonRole(*primary, ButtonRole::Primary);
  auto *quiet = new QPushButton(QStringLiteral("Reset"));
  setButtonRole(*quiet, ButtonRole::Quiet);
  auto *danger = new QPushButton(QStringLiteral("Delete"));
  setButtonRole(*danger, ButtonRole::Danger);
  column->addWidget(
      rowOf({primary, new QPushButton(QStringLiteral("Cancel")), quiet, danger}, box));
  auto *ttl = new KeyValueRow(hub, QStringLiteral("Time to live"), QStringLiteral("61"),
                              QStringLiteral("byte 22 \u00B7 one less at every router; at 0 the "
                                             "packet is dropped. RFC 791, 3.2"));
  ttl->setMono(true);
  column->addWidget(ttl);
  column->addWidget(new KeyValueRow(hub, QStringLiteral("Source"), QStringLiteral("10.0.0.5")));
  column->addStretch(1);
  return box;
}

QWidget *tables(const ThemeHub &hub, QWidget *parent) {
  auto *tabs = new TabPanel(hub, parent);
  auto *table = new QTableWidget(6, 3);
  table->setHorizontalHeaderLabels(
      {QStringLiteral("No."), QStringLiteral("Time"), QStringLiteral("Info")});
  prepareTable(hub, *table);
  for (int row = 0; row < 6; ++row) {
    table->setItem(row, 0, new QTableWidgetItem(QString::number(row + 209)));
    table->setItem(row, 1, new QTableWidgetItem(QStringLiteral("127.480")));
    table->setItem(row, 2, new QTableWidgetItem(QStringLiteral("SYN, ACK")));
  }
  table->selectRow(2);
  tabs->addTab(table, QStringLiteral("Packets"));
  auto *tree = new QTreeWidget;
  tabs->addTab(tree, QStringLiteral("Layers"));
  tabs->addTab(new EmptyState(hub, "chart", QStringLiteral("No chart.")), QStringLiteral("Charts"));
  return tabs;
}

QWidget *fields(QWidget *parent) {
  auto *tree = new QTreeWidget(parent);
  tree->setHeaderLabels({QStringLiteral("Field"), QStringLiteral("Value")});
  auto *ip = new QTreeWidgetItem(tree, {QStringLiteral("Internet Protocol"), QString()});
  new QTreeWidgetItem(ip, {QStringLiteral("Time to live"), QStringLiteral("61")});
  new QTreeWidgetItem(ip, {QStringLiteral("Protocol"), QStringLiteral("6, TCP")});
  auto *tcp = new QTreeWidgetItem(tree, {QStringLiteral("TCP"), QString()});
  new QTreeWidgetItem(tcp, {QStringLiteral("Flags"), QStringLiteral("SYN")});
  ip->setExpanded(true);
  return tree;
}

QWidget *card(const ThemeHub &hub, QWidget *parent) {
  auto *result = new CaptionCard(hub, parent);
  result->setEyebrow(QStringLiteral("Step 2 of 5"));
  result->setTitle(QStringLiteral("Why was this packet lost?"));
  result->setText(QStringLiteral("core-2 had no route to 192.0.2.0/24: its link to isp was cut "
                                 "at 96.0 ms, and OSPF needs 31 ms more. "
                                 "<a href='why'>Show the chain of 4 causes</a>"));
  result->addButton(QStringLiteral("Back"));
  result->addButton(QStringLiteral("Next"), true);
  result->setClosable(true);
  return result;
}

QWidget *iconSheet(const ThemeHub &hub, QWidget *parent) {
  auto *sheet = new QLabel(parent);
  constexpr int columns = 27;
  const int rows = (static_cast<int>(iconNames().size()) + columns - 1) / columns;
  QPixmap pixmap(columns * 40, rows * 36);
  pixmap.fill(hub.theme().panel);
  QPainter painter(&pixmap);
  int at = 0;
  for (const std::string_view name : iconNames()) {
    const QRectF box(at % columns * 40 + 8, at / columns * 36 + 6, 24, 24);
    paintIcon(painter, name, box, hub.theme().text);
    ++at;
  }
  painter.end();
  sheet->setPixmap(pixmap);
  return sheet;
}

std::unique_ptr<QWidget> gallery(const ThemeHub &hub) {
  auto window = std::make_unique<QWidget>();
  setSurface(*window, Surface::Panel);
  auto *menu = new QMenuBar(window.get());
  for (const char *name : {"File", "Edit", "View", "Simulate"}) menu->addMenu(QLatin1String(name));
  auto *grid = new QGridLayout(window.get());
  grid->setMenuBar(menu);
  grid->addWidget(transport(hub, window.get()), 0, 0, 1, 3);
  grid->addWidget(pills(hub, window.get()), 1, 0, 1, 3);
  grid->addWidget(forms(hub, window.get()), 2, 0, 2, 1);
  grid->addWidget(tables(hub, window.get()), 2, 1);
  grid->addWidget(fields(window.get()), 2, 2);
  grid->addWidget(card(hub, window.get()), 3, 1);
  auto *empty =
      new EmptyState(hub, "packet", QStringLiteral("No packet chosen. Click one on the canvas."));
  empty->setAction(QStringLiteral("Play"));
  grid->addWidget(empty, 3, 2);
  grid->addWidget(iconSheet(hub, window.get()), 4, 0, 1, 3);
  auto *toast = new Toast(hub, window.get());
  window->resize(window->sizeHint().expandedTo(QSize(1180, 760)));
  window->show();
  toast->post(QStringLiteral("Cut isp \u2013 core-2"), QStringLiteral("Undo"), 0);
  return window;
}

// Where PACKETARIUM_GALLERY names a folder, the pictures are left there for people to look at.
void keep(const QPixmap &picture, const QString &name) {
  const QString folder = qEnvironmentVariable("PACKETARIUM_GALLERY");
  if (!folder.isEmpty()) picture.save(QDir(folder).filePath(name + QStringLiteral(".png")));
}

std::set<QRgb> coloursIn(const QImage &image) {
  std::set<QRgb> colours;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) colours.insert(image.pixel(x, y));
  return colours;
}

} // namespace

TEST_CASE("all widgets together wear each theme, and none of another") {
  ThemeHub hub(ThemeChoice::Light);
  hub.attachTo(*static_cast<QApplication *>(QCoreApplication::instance()));
  keep(applicationIcon().pixmap(QSize(256, 256)), QStringLiteral("app-256"));
  keep(applicationIcon().pixmap(QSize(16, 16)), QStringLiteral("app-16"));
  for (const ThemeChoice choice : {ThemeChoice::Light, ThemeChoice::Dark, ThemeChoice::Projector}) {
    hub.setChoice(choice);
    const auto window = gallery(hub);
    QTest::qWait(30);
    const QPixmap picture = window->grab();
    const Theme &theme = hub.theme();
    keep(picture, QStringLiteral("gallery-%1").arg(int(choice)));
    const std::set<QRgb> colours = coloursIn(picture.toImage());
    for (const QColor &token : {theme.panel, theme.accent, theme.line, theme.selection,
                                theme.accentSoft, theme.good, theme.bad, theme.selectionLine})
      CHECK(colours.count(token.rgb()) == 1);
    const Theme &other = theme.isDark() ? Theme::light() : Theme::dark();
    for (const QColor &token : {other.panel, other.selection, other.accentSoft, other.bad}) {
      if (token == theme.onAccent || token == theme.panel) continue;
      INFO(int(choice) << ' ' << token.name().toStdString());
      CHECK(colours.count(token.rgb()) == 0);
    }
  }
}

TEST_CASE("at a presenter's type scale every label and button keeps room for its text") {
  ThemeHub hub(ThemeChoice::Dark);
  hub.attachTo(*static_cast<QApplication *>(QCoreApplication::instance()));
  hub.setTypeScale(1.6);
  const auto window = gallery(hub);
  QTest::qWait(30);
  keep(window->grab(), QStringLiteral("gallery-large"));
  int looked = 0;
  for (const QWidget *widget : window->findChildren<QWidget *>()) {
    const bool words =
        qobject_cast<const QPushButton *>(widget) || qobject_cast<const Pill *>(widget) ||
        qobject_cast<const QLineEdit *>(widget) || qobject_cast<const SegmentedControl *>(widget) ||
        qobject_cast<const QCheckBox *>(widget);
    if (!words || !widget->isVisible()) continue;
    ++looked;
    INFO(widget->metaObject()->className() << ' ' << widget->accessibleName().toStdString());
    CHECK(widget->height() >= widget->minimumSizeHint().height());
    CHECK(widget->width() >= widget->minimumSizeHint().width());
    CHECK(widget->minimumSizeHint().height() >= QFontMetrics(widget->font()).height());
  }
  CHECK(looked > 15);
  static_cast<QApplication *>(QCoreApplication::instance())->setStyleSheet(QString());
}

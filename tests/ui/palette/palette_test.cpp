// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/palette/palette_model.h"
#include "ui/palette/palette_panel.h"
#include "ui/palette/tile_list.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLineEdit>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

struct Rig {
  ThemeHub hub{ThemeChoice::Dark};
  PalettePanel panel{hub};
  QSignalSpy placed{&panel, &PalettePanel::placeRequested};

  Rig() {
    panel.resize(244, 600);
    panel.show();
    panel.activateWindow();
    REQUIRE(QTest::qWaitForWindowActive(&panel));
  }
  TileList &tiles(const char *section) {
    auto *list = panel.findChild<TileList *>(QString::fromLatin1(section));
    REQUIRE(list != nullptr);
    return *list;
  }
  QLineEdit &search() { return *panel.findChild<QLineEdit *>(QStringLiteral("paletteSearch")); }
  static QString current(const TileList &list) { return list.currentIndex().data().toString(); }
};

} // namespace

TEST_CASE("the palette's model keeps the rules of item models, filtered or not") {
  PaletteModel model(scenario::placeableDevices());
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  CHECK(model.rowCount() == static_cast<int>(scenario::placeableDevices().size()));
  model.setFilter(QStringLiteral("rou"));
  CHECK(model.rowCount() == 1);
  model.setFilter(QStringLiteral("nothing of this name"));
  CHECK(model.rowCount() == 0);
  model.setFilter({});
  CHECK(model.rowCount() == static_cast<int>(scenario::placeableDevices().size()));
}

TEST_CASE("everything that can be placed has an icon, a title and help") {
  for (const auto &all : {scenario::placeableDevices(), scenario::placeableServices()}) {
    const PaletteModel model(all);
    for (int row = 0; row < model.rowCount(); ++row) {
      const QModelIndex index = model.index(row, 0);
      INFO(index.data().toString().toStdString());
      CHECK(hasIcon(index.data(PaletteModel::IconRole).toString().toStdString()));
      CHECK_FALSE(index.data().toString().isEmpty());
      CHECK_FALSE(index.data(Qt::ToolTipRole).toString().isEmpty());
    }
  }
}

TEST_CASE("what is dragged out of the palette names itself by its key") {
  const PaletteModel model(scenario::placeableServices());
  for (int row = 0; row < model.rowCount(); ++row) {
    const std::unique_ptr<QMimeData> data(model.mimeData({model.index(row, 0)}));
    const QByteArray key = data->data(QStringLiteral("application/x-packetarium-placeable"));
    CHECK(scenario::findPlaceable(key.toStdString()) == &model.at(row));
  }
}

TEST_CASE("a search finds by starts of words in title and help") {
  PaletteModel services(scenario::placeableServices());
  services.setFilter(QStringLiteral("web"));
  REQUIRE(services.rowCount() >= 1);
  bool found = false;
  for (int row = 0; row < services.rowCount(); ++row)
    found = found || services.at(row).key == "web-server";
  CHECK(found);
  services.setFilter(QStringLiteral("erver")); // within a word
  CHECK(services.rowCount() == 0);
}

TEST_CASE("a double click and Enter ask for the tile to be placed") {
  Rig rig;
  TileList &devices = rig.tiles("Devices");
  const QPoint second = devices.visualRect(devices.model()->index(1, 0)).center();
  QTest::mouseClick(devices.viewport(), Qt::LeftButton, {}, second);
  CHECK(rig.placed.isEmpty());
  QTest::mouseDClick(devices.viewport(), Qt::LeftButton, {}, second);
  REQUIRE(rig.placed.count() == 1);
  CHECK(rig.placed.takeFirst().front().toString() == QStringLiteral("laptop"));
  QTest::keyClick(&devices, Qt::Key_Return);
  REQUIRE(rig.placed.count() == 1);
  CHECK(rig.placed.takeFirst().front().toString() == QStringLiteral("laptop"));
}

TEST_CASE("the arrow keys go through all tiles, from the devices to the services and back") {
  Rig rig;
  TileList &devices = rig.tiles("Devices");
  TileList &services = rig.tiles("Services");
  QTest::keyClick(&rig.search(), Qt::Key_Down);
  CHECK(devices.hasFocus());
  CHECK(Rig::current(devices) == QStringLiteral("Host"));
  QTest::keyClick(&devices, Qt::Key_Right);
  CHECK(Rig::current(devices) == QStringLiteral("Laptop"));
  const int rows = (devices.model()->rowCount() + devices.columns() - 1) / devices.columns();
  for (int i = 0; i < rows; ++i) QTest::keyClick(&devices, Qt::Key_Down);
  CHECK(services.hasFocus());
  CHECK(services.currentIndex().isValid());
  QTest::keyClick(&services, Qt::Key_Up);
  CHECK(devices.hasFocus());
  for (int i = 0; i < rows; ++i) QTest::keyClick(&devices, Qt::Key_Up);
  CHECK(rig.search().hasFocus());
}

TEST_CASE("Enter in the search field places the first that fits, Escape shows all again") {
  Rig rig;
  rig.search().setFocus();
  QTest::keyClicks(&rig.search(), QStringLiteral("switch"));
  CHECK(rig.tiles("Devices").model()->rowCount() == 1);
  CHECK_FALSE(rig.tiles("Services").isVisible());
  QTest::keyClick(&rig.search(), Qt::Key_Return);
  REQUIRE(rig.placed.count() == 1);
  CHECK(rig.placed.front().front().toString() == QStringLiteral("switch"));
  QTest::keyClick(&rig.search(), Qt::Key_Escape);
  CHECK(rig.search().text().isEmpty());
  CHECK(rig.tiles("Services").isVisible());
}

TEST_CASE("what is called so comes before what is only explained so, in both sections") {
  Rig rig;
  rig.search().setFocus();
  // The help of the DNS server speaks of web servers, that of the server of services.
  for (const auto &[words, key] : {std::pair{"web", "web-server"},
                                   {"dns", "dns-server"},
                                   {"server", "server"},
                                   {"client", "client-load"}}) {
    rig.search().clear();
    QTest::keyClicks(&rig.search(), QString::fromLatin1(words));
    QTest::keyClick(&rig.search(), Qt::Key_Return);
    REQUIRE(rig.placed.count() == 1);
    CHECK(rig.placed.takeFirst().front().toString().toStdString() == key);
  }
}

TEST_CASE("tiles lie in three columns in a wide panel, and none is cut off in a narrow one") {
  Rig rig;
  for (const int wide : {180, 212, 244, 400}) {
    rig.panel.resize(wide, 700);
    QTest::qWait(20);
    for (const char *section : {"Devices", "Services"}) {
      TileList &list = rig.tiles(section);
      INFO(section << " at " << wide);
      const QRect last = list.visualRect(list.model()->index(list.model()->rowCount() - 1, 0));
      CHECK(list.viewport()->rect().contains(last));
      const QRect across = list.visualRect(list.model()->index(list.columns() - 1, 0));
      CHECK(across.top() == list.visualRect(list.model()->index(0, 0)).top());
    }
  }
  rig.panel.resize(244, 700);
  QTest::qWait(20);
  CHECK(rig.tiles("Devices").columns() == 3);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/theme/theme_hub.h"

#include <QApplication>
#include <QPalette>
#include <QSignalSpy>

using namespace packetarium::ui;

namespace {

QApplication &app() { return *static_cast<QApplication *>(QCoreApplication::instance()); }

// Leaves the application as it found it for the cases that follow.
struct PlainApplication {
  QPalette before = QApplication::palette();
  PlainApplication() = default;
  PlainApplication(const PlainApplication &) = delete;
  PlainApplication &operator=(const PlainApplication &) = delete;
  ~PlainApplication() {
    app().setStyleSheet(QString());
    QApplication::setPalette(before);
  }
};

void setSystemPalette(const QColor &window, const QColor &text) {
  QPalette palette;
  palette.setColor(QPalette::Window, window);
  palette.setColor(QPalette::WindowText, text);
  QApplication::setPalette(palette);
}

} // namespace

TEST_CASE("the system's dark or light palette decides when the choice is System") {
  PlainApplication restore;
#if QT_VERSION < QT_VERSION_CHECK(6, 5, 0)
  setSystemPalette(QColor("#202020"), Qt::white);
  CHECK(ThemeHub(ThemeChoice::System).theme().kind == ThemeKind::Dark);
  CHECK(ThemeHub(ThemeChoice::Light).theme().kind == ThemeKind::Light);
  setSystemPalette(Qt::white, QColor("#202020"));
  CHECK(ThemeHub(ThemeChoice::System).theme().kind == ThemeKind::Light);
#endif
  CHECK(ThemeHub(ThemeChoice::Dark).theme().kind == ThemeKind::Dark);
}

TEST_CASE("the application wears the new theme by the time changed() goes out") {
  PlainApplication restore;
  ThemeHub hub(ThemeChoice::Light);
  hub.attachTo(app());
  QColor seen;
  QObject::connect(&hub, &ThemeHub::changed, &hub,
                   [&] { seen = QApplication::palette().color(QPalette::Window); });
  hub.setChoice(ThemeChoice::Dark);
  CHECK(seen == Theme::dark().window);
  hub.setChoice(ThemeChoice::Projector);
  CHECK(seen == Theme::projector().window);
}

TEST_CASE("changed() goes out once for a change and never without one") {
  ThemeHub hub(ThemeChoice::Light);
  QSignalSpy changes(&hub, &ThemeHub::changed);
  hub.setChoice(ThemeChoice::Light);
  hub.setTypeScale(1.0);
  hub.setReduceMotion(false);
  CHECK(changes.isEmpty());
  hub.setChoice(ThemeChoice::Dark);
  hub.setTypeScale(1.5);
  hub.setReduceMotion(true);
  CHECK(changes.size() == 3);
}

TEST_CASE("the type scale enlarges every size and is held within bounds") {
  const Typography plain(QStringLiteral("Sans"), QStringLiteral("Mono"), 1.0);
  CHECK(plain.body().pixelSize() == 12);
  CHECK(plain.secondary().pixelSize() == 11);
  CHECK(plain.tiny().pixelSize() == 10);
  CHECK(plain.title().pixelSize() == 14);
  CHECK(plain.name().weight() == 600);
  const Typography large = plain.scaledTo(2.0);
  CHECK(large.body().pixelSize() == 24);
  CHECK(large.px(8) == 16);
  CHECK(plain.scaledTo(99).scale() == Approx(Typography::scaleMax));
  CHECK(plain.scaledTo(0).scale() == Approx(Typography::scaleMin));
  CHECK(plain.px(0.2) == 1);
}

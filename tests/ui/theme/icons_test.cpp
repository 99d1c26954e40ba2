// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>

#include <algorithm>

using namespace packetarium::ui;

namespace {

struct Ink {
  int pixels = 0;
  QRect box;
  bool onlyThisHue = true;
};

Ink inkOf(const QPixmap &pixmap, const QColor &colour) {
  const QImage image = pixmap.toImage().convertToFormat(QImage::Format_ARGB32);
  Ink ink;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) {
      const QColor at = image.pixelColor(x, y);
      if (at.alpha() < 64) continue;
      ++ink.pixels;
      ink.box |= QRect(x, y, 1, 1);
      const bool near = std::abs(at.red() - colour.red()) < 8 &&
                        std::abs(at.green() - colour.green()) < 8 &&
                        std::abs(at.blue() - colour.blue()) < 8;
      ink.onlyThisHue = ink.onlyThisHue && near;
    }
  return ink;
}

} // namespace

TEST_CASE("the list of icon names is the folder of icons") {
  QStringList listed;
  for (const std::string_view name : iconNames())
    listed << QString::fromUtf8(name.data(), int(name.size()));
  CHECK(std::is_sorted(iconNames().begin(), iconNames().end()));
  const QDir folder(QStringLiteral(PACKETARIUM_SOURCE_DIR "/resources/icons"));
  QStringList files = folder.entryList({QStringLiteral("*.svg")}, QDir::Files);
  for (QString &file : files) file.chop(4);
  files.sort();
  listed.sort();
  CHECK(listed == files);
  CHECK(hasIcon("router"));
  CHECK_FALSE(hasIcon("rooter"));
}

TEST_CASE("every icon draws a figure in the colour asked for, inside its box, at every size") {
  const QColor colour = Theme::dark().accent;
  for (const std::string_view name : iconNames())
    for (const int size : {16, 24, 48}) {
      INFO(std::string(name) << " at " << size);
      const Ink ink = inkOf(iconPixmap(name, size, 1.0, colour), colour);
      CHECK(ink.pixels > size / 3);
      CHECK(ink.pixels < size * size / 2);
      CHECK(ink.onlyThisHue);
      CHECK(std::max(ink.box.width(), ink.box.height()) >= size / 2);
    }
}

TEST_CASE("no icon is cut off by the edge of its box") {
  for (const std::string_view name : iconNames()) {
    INFO(std::string(name));
    const Ink ink = inkOf(iconPixmap(name, 48, 1.0, Qt::black), Qt::black);
    CHECK(ink.box.left() > 0);
    CHECK(ink.box.top() > 0);
    CHECK(ink.box.right() < 47);
    CHECK(ink.box.bottom() < 47);
  }
}

TEST_CASE("no two names show the same picture, but for copy and duplicate") {
  const auto &names = iconNames();
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = i + 1; j < names.size(); ++j) {
      if (names[i] == "copy" && names[j] == "duplicate") continue;
      INFO(std::string(names[i]) << " and " << std::string(names[j]));
      CHECK(iconPixmap(names[i], 24, 1.0, Qt::black).toImage() !=
            iconPixmap(names[j], 24, 1.0, Qt::black).toImage());
    }
}

TEST_CASE("a pixmap has the pixels that its screen asks for") {
  const QPixmap pixmap = iconPixmap("server", 20, 2.0, Qt::black);
  CHECK(pixmap.size() == QSize(40, 40));
  CHECK(pixmap.devicePixelRatio() == Approx(2.0));
  CHECK(iconPixmap("server", 20, 1.0, Qt::black).size() == QSize(20, 20));
}

TEST_CASE("an icon's states differ as a button's do") {
  const Theme &theme = Theme::light();
  const QIcon search = icon("search", theme);
  const auto hue = [&](QIcon::Mode mode, QIcon::State state, const QColor &wanted) {
    return inkOf(search.pixmap(QSize(24, 24), 1.0, mode, state), wanted).onlyThisHue;
  };
  CHECK(hue(QIcon::Normal, QIcon::Off, theme.text));
  CHECK(hue(QIcon::Disabled, QIcon::Off, theme.faint));
  CHECK(hue(QIcon::Normal, QIcon::On, theme.accent));
  CHECK(hue(QIcon::Active, QIcon::Off, theme.text));
}

TEST_CASE("the application's icon fills all its sizes") {
  const QIcon icon = applicationIcon();
  for (const int size : {16, 32, 64, 128, 256}) {
    INFO(size);
    const QImage image = icon.pixmap(QSize(size, size), 1.0).toImage();
    REQUIRE(image.size() == QSize(size, size));
    int inked = 0;
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size; ++x) inked += image.pixelColor(x, y).alpha() > 128 ? 1 : 0;
    CHECK(inked > size * size * 7 / 10);
  }
}

TEST_CASE("each picture that the style sheet names exists") {
  static const QRegularExpression url(QStringLiteral("url\\(([^)]*)\\)"));
  for (const ThemeKind kind : {ThemeKind::Light, ThemeKind::Dark, ThemeKind::Projector}) {
    const QString sheet = styleSheetOf(
        Theme::of(kind), Typography(QStringLiteral("Sans"), QStringLiteral("Mono"), 1));
    int found = 0;
    for (auto it = url.globalMatch(sheet); it.hasNext(); ++found) {
      const QString path = it.next().captured(1);
      INFO(path.toStdString());
      CHECK(QFile::exists(path));
    }
    CHECK(found > 5);
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "tests/ui/services/services_samples.h"
#include "ui/charts/chart_export.h"
#include "ui/services/ribbon_picture.h"
#include "ui/services/service_words.h"
#include "ui/services/waterfall_picture.h"
#include "ui/widgets/format.h"

#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QXmlStreamReader>

#include <map>
#include <numeric>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

TimeAxis axis(std::int64_t toMs, double width) {
  TimeAxis a;
  a.from = atMs(0);
  a.to = a.end = atMs(toMs);
  a.left = 100;
  a.width = width;
  return a;
}

// How often each colour stands in the box.
std::map<QRgb, int> colours(const QImage &image, const QRectF &box) {
  std::map<QRgb, int> out;
  const QRect all = box.toRect() & image.rect();
  for (int y = all.top(); y <= all.bottom(); ++y)
    for (int x = all.left(); x <= all.right(); ++x) ++out[image.pixel(x, y)];
  return out;
}
QRgb mostOf(const QImage &image, const QRectF &box) {
  const auto all = colours(image, box);
  return std::max_element(all.begin(), all.end(),
                          [](const auto &a, const auto &b) { return a.second < b.second; })
      ->first;
}

struct Painted {
  QImage image{900, 100, QImage::Format_RGB32};
  RibbonLayout layout;

  Painted(const std::vector<analysis::ServiceReport> &reports, const Theme &theme, QSize size,
          SimTime now = atMs(20'000)) {
    const Typography type = Typography::forSystem();
    image = QImage(size, QImage::Format_RGB32);
    image.fill(theme.panel);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    layout = layoutRibbons(QRectF(QPointF(0, 0), QSizeF(size)), reports.size(), atMs(0),
                           atMs(20'000), reports, type);
    paintRibbons(painter, layout, reports, reports, now, theme, type);
  }
  // The ribbon of a service from second to second.
  QRectF span(std::size_t row, double from, double to) const {
    const QRectF bar = layout.bar(row);
    const auto x = [&](double s) { return bar.left() + s / 20 * bar.width(); };
    return {x(from) + 2, bar.top() + 1, x(to) - x(from) - 4, bar.height() - 2};
  }
};

const Theme &themeOf(int i) { return Theme::of(static_cast<ThemeKind>(i)); }

} // namespace

TEST_CASE("a second without answers is red, one with some is half as high and amber") {
  const auto reports = sample().reports;
  for (int i = 0; i < 3; ++i) {
    const Theme &theme = themeOf(i);
    const Painted p(reports, theme, {900, 100});
    CHECK(mostOf(p.image, p.span(1, 3, 9)) == theme.good.rgb());
    CHECK(mostOf(p.image, p.span(1, 10, 13)) == theme.bad.rgb());
    QRectF degraded = p.span(1, 13, 15);
    degraded.setTop(degraded.center().y() + 1);
    CHECK(mostOf(p.image, degraded) == theme.warn.rgb());
    degraded.setRect(degraded.left(), p.span(1, 13, 15).top(), degraded.width(), 3);
    CHECK(mostOf(p.image, degraded) == theme.well.rgb());          // nothing above it
    CHECK(mostOf(p.image, p.span(1, 0, 0.9)) == theme.well.rgb()); // nobody had asked
  }
}

TEST_CASE("health is told by shape too: only what is up is one even colour") {
  const auto reports = sample().reports;
  const Theme &theme = Theme::light();
  const Painted p(reports, theme, {900, 100});
  CHECK(colours(p.image, p.span(1, 3, 9)).size() == 1);
  CHECK(colours(p.image, p.span(1, 10, 13)).size() > 2);
  CHECK(colours(p.image, p.span(1, 13, 15)).size() > 2);
  // And the colours stand out from what they lie on.
  for (int i = 0; i < 3; ++i)
    for (const auto health : {Health::Up, Health::Degraded, Health::Down})
      CHECK(contrastRatio(healthColour(health, themeOf(i)), themeOf(i).well) >= 3.0);
}

TEST_CASE("what is still to come is pale") {
  const auto reports = sample().reports;
  const Theme &theme = Theme::dark();
  const Painted p(reports, theme, {900, 100}, atMs(10'000));
  CHECK(mostOf(p.image, p.span(1, 3, 9)) == theme.good.rgb());
  const QColor later(mostOf(p.image, p.span(1, 16, 19)));
  CHECK(contrastRatio(later, theme.good) > 1.8);
  CHECK(contrastRatio(later, theme.well) > 1.2);
}

TEST_CASE("stretches of a ribbon meet, wherever they end") {
  const auto reports = sample().reports;
  for (double width = 40; width < 900; width += 37) {
    const auto pieces = ribbonPieces(reports[1].ribbon, axis(20'000, width));
    REQUIRE(pieces.size() == 4);
    for (std::size_t i = 1; i < pieces.size(); ++i) CHECK(pieces[i].left == pieces[i - 1].right);
    CHECK(pieces.back().right == 100 + width);
  }
}

TEST_CASE(
    "an outage shorter than a pixel is still seen, and a long run has no more than a pixel each") {
  const auto blink =
      report("www", 0, {{10'000, Health::Up}, {10'001, Health::Down}, {20'000, Health::Up}});
  for (double width = 50; width < 600; width += 13) {
    const auto pieces = ribbonPieces(blink.ribbon, axis(20'000, width));
    REQUIRE(pieces.size() == 3);
    CHECK(pieces[1].health == Health::Down);
    CHECK(pieces[1].right - pieces[1].left == 1);
  }
  std::vector<std::pair<std::int64_t, Health>> flapping;
  for (int i = 1; i <= 20'000; ++i)
    flapping.emplace_back(i, i % 2 == 0 ? Health::Up : Health::Down);
  const auto pieces = ribbonPieces(report("www", 0, flapping).ribbon, axis(20'000, 300));
  CHECK(pieces.size() <= 301);
  double sum = 0;
  for (const RibbonPiece &piece : pieces) sum += piece.right - piece.left;
  CHECK(sum == Approx(300).margin(1.5));
}

TEST_CASE("columns give way to the ribbon where there is little room") {
  const auto reports = sample().reports;
  const Typography type = Typography::forSystem();
  std::size_t before = 0;
  for (int width = 220; width <= 1600; width += 20) {
    const auto layout =
        layoutRibbons(QRectF(0, 0, width, 90), 2, atMs(0), atMs(20'000), reports, type);
    CHECK(layout.axis.width >= 70);
    CHECK(layout.columns.size() >= before);
    for (const QRectF &column : layout.columns) CHECK(column.right() <= width + 1e-6);
    before = layout.columns.size();
  }
  CHECK(before == 4);
}

TEST_CASE("the bars of an outage meet, and reach from its fault to its first answer") {
  const analysis::Outage outage = failover();
  const Typography type = Typography::forSystem();
  for (int width = 260; width < 1400; width += 61) {
    const auto layout = layoutWaterfall(outage, QRectF(10, 5, width, 0), type);
    REQUIRE(layout.rows.size() == 6); // reconnecting took no time, and nothing tells of it
    CHECK(layout.rows.front().bar.left() == layout.bars.left());
    CHECK(layout.rows.back().bar.right() == layout.bars.right());
    for (std::size_t i = 1; i < layout.rows.size(); ++i) {
      CHECK(layout.rows[i].bar.left() == layout.rows[i - 1].bar.right());
      CHECK(layout.rows[i].box.top() == layout.rows[i - 1].box.bottom());
    }
    CHECK(layout.whole.right() <= 10 + width);
  }
  const auto layout = layoutWaterfall(outage, QRectF(0, 0, 700, 0), type);
  // Each bar is as long as its share of the whole.
  const double share = layout.rows[1].bar.width() / layout.bars.width();
  CHECK(share == Approx(1.500000333 / 2.900000001).margin(0.005));
}

TEST_CASE("durations add up as they are written, to the microsecond") {
  analysis::Outage outage = failover();
  for (int shift = 0; shift < 40; ++shift) {
    outage.steps[1].to = outage.steps[2].from = outage.steps[2].to = outage.steps[3].from =
        outage.steps[1].to + Duration::ns(137);
    const auto parts = exactSteps(outage);
    const auto sum = std::accumulate(parts.begin(), parts.end(), Duration());
    CHECK(sum == exactLength(outage));
  }
  CHECK(exactMs(exactLength(failover())) == QStringLiteral("2900.000 ms"));
  CHECK(exactMs(Duration::ns(1'234'567'890'400)) ==
        formatCount(1234567) + QStringLiteral(".890 ms"));
}

TEST_CASE("words for nines and what they allow are those of operations") {
  CHECK(ninesWords(shareOf(0.99)) == QStringLiteral("two nines"));
  CHECK(ninesWords(shareOf(0.992)) == QStringLiteral("two nines"));
  CHECK(ninesWords(shareOf(0.9994)) == QStringLiteral("three nines"));
  CHECK(ninesWords(shareOf(0.5)) == QStringLiteral("no nine"));
  CHECK(ninesWords(shareOf(1)) == QStringLiteral("nothing failed"));
  // 99.9 % allows 8 h 46 min a year, 1 min 26 s a day.
  const QStringList lines = budgetLines(shareOf(0.999));
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].startsWith(QStringLiteral("1 min 26 s").replace(u' ', QChar(0xa0))));
  CHECK(lines[3].contains(QStringLiteral("8")));
  const QString all = serviceWords(sample().reports[1]);
  for (const char *word : {"shop", "a day", "a week", "a month", "a year", "412", "9 failed"})
    CHECK(all.contains(QString::fromLatin1(word)));
}

TEST_CASE("an outage that has not ended says so") {
  analysis::Outage open = failover();
  open.open = true;
  CHECK(outageWords(open).contains(QStringLiteral("Still down")));
  CHECK(outageWords(open).contains(QStringLiteral("server A crashed")));
  const Typography type = Typography::forSystem();
  QImage ended(600, 200, QImage::Format_RGB32), still = ended;
  for (auto *image : {&ended, &still}) {
    image->fill(Theme::dark().panel);
    QPainter painter(image);
    const analysis::Outage &outage = image == &still ? open : failover();
    paintWaterfall(painter, layoutWaterfall(outage, QRectF(0, 0, 600, 0), type), outage, {},
                   Theme::dark(), type);
  }
  CHECK(colours(still, still.rect()).count(Theme::dark().bad.rgb()) == 1);
  CHECK(colours(ended, ended.rect()).count(Theme::dark().bad.rgb()) == 0);
}

TEST_CASE("each part of an outage has a hue that stands out, a name and a sentence") {
  for (int kind = 0; kind < 3; ++kind)
    for (int i = 0; i < analysis::outageParts; ++i) {
      const auto part = static_cast<analysis::OutagePart>(i);
      CHECK(contrastRatio(partColour(part, themeOf(kind)), themeOf(kind).panel) >= 3.0);
      CHECK_FALSE(partName(part).isEmpty());
      CHECK(partSentence(part).endsWith(u'.'));
      for (int j = 0; j < i; ++j)
        CHECK(partName(part) != partName(static_cast<analysis::OutagePart>(j)));
    }
}

TEST_CASE("ribbons and anatomies are written as PNG, SVG and CSV in the size asked for") {
  QTemporaryDir folder;
  const ServicesShown s = sample();
  const Typography type = Typography::forSystem();
  for (const Figure &figure :
       {uptimeFigure(s.reports, s.from, s.to), waterfallFigure(failover(), 1)}) {
    INFO(figure.id.toStdString());
    const auto path = [&](const char *ending) {
      return folder.filePath(figure.id + QLatin1Char('.') + QLatin1String(ending));
    };
    REQUIRE(writeFigure(figure, path("png"), {1600, 900}, Theme::light(), type).isEmpty());
    const QImage image(path("png"));
    CHECK(image.size() == QSize(1600, 900));
    CHECK(image.text(QStringLiteral("Title")) == figure.title);

    REQUIRE(writeFigure(figure, path("svg"), {1200, 800}, Theme::dark(), type).isEmpty());
    QFile svg(path("svg"));
    REQUIRE(svg.open(QIODevice::ReadOnly));
    QXmlStreamReader xml(&svg);
    int texts = 0;
    QString box;
    while (!xml.atEnd()) {
      xml.readNext();
      if (!xml.isStartElement()) continue;
      if (xml.name() == QLatin1String("svg"))
        box = xml.attributes().value(QStringLiteral("viewBox")).toString();
      texts += xml.name() == QLatin1String("text") ? 1 : 0;
    }
    CHECK_FALSE(xml.hasError());
    CHECK(box == QStringLiteral("0 0 1200 800"));
    CHECK(texts >= 8); // title, names, figures and axis stay text

    REQUIRE(writeFigure(figure, path("csv"), {}, Theme::light(), type).isEmpty());
    QFile csv(path("csv"));
    REQUIRE(csv.open(QIODevice::ReadOnly));
    CHECK(csv.readLine().contains(','));
    if (const QString keep = qEnvironmentVariable("PACKETARIUM_SHOTS"); !keep.isEmpty()) {
      image.save(keep + QStringLiteral("/slide-") + figure.id + QStringLiteral(".png"));
      figure.image({1200, 800}, Theme::dark(), type)
          .save(keep + QStringLiteral("/slide-dark-") + figure.id + QStringLiteral(".png"));
    }
  }
  CHECK_FALSE(writeFigure(uptimeFigure(s.reports, s.from, s.to),
                          folder.filePath(QStringLiteral("no/such/place.svg")), {300, 200},
                          Theme::light(), type)
                  .isEmpty());
}

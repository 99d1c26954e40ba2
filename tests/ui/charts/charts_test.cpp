// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/sequence/run_stage.h"
#include "ui/charts/chart_export.h"
#include "ui/charts/chart_panel.h"
#include "ui/charts/chart_picture.h"
#include "ui/charts/charts_view.h"
#include "ui/charts/export_dialog.h"
#include "ui/shell/views.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>

#include <algorithm>
#include <memory>
#include <set>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

struct Shown {
  RunStage stage;
  std::unique_ptr<ChartsView> view;

  explicit Shown(const char *scenario, QSize size = {900, 280})
      : stage(QString::fromLatin1(scenario)), view(new ChartsView(stage.state)) {
    view->resize(size);
    view->show();
    REQUIRE(QTest::qWaitForWindowExposed(view.get()));
  }
  const ChartPanel *panel(const QString &id) const {
    for (const ChartPanel *panel : view->panels())
      if (panel->data().id == id) return panel;
    return nullptr;
  }
};

// The size that the file itself tells (PNG, 11.2.2: width and height follow "IHDR").
QSize sizeInFile(const QString &path) {
  QFile file(path);
  REQUIRE(file.open(QIODevice::ReadOnly));
  const QByteArray head = file.read(24);
  REQUIRE(head.startsWith(QByteArray("\x89PNG\r\n\x1a\n", 8)));
  REQUIRE(head.mid(12, 4) == QByteArray("IHDR"));
  const auto number = [&](int at) {
    int value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(head[at + i]);
    return value;
  };
  return {number(16), number(20)};
}

} // namespace

TEST_CASE("round steps are 1, 2, 2.5 or 5 times a power of ten, and never too small") {
  for (double value = 1e-6; value < 1e9; value *= 1.37) {
    const double step = roundStep(value);
    REQUIRE(step >= value * (1 - 1e-6));
    REQUIRE(step <= value * 2.51);
    const double mantissa = step / std::pow(10, std::floor(std::log10(step) + 1e-9));
    REQUIRE((std::abs(mantissa - 1) < 1e-6 || std::abs(mantissa - 2) < 1e-6 ||
             std::abs(mantissa - 2.5) < 1e-6 || std::abs(mantissa - 5) < 1e-6));
  }
  REQUIRE(roundStep(0) == 1);
}

TEST_CASE("the time axis shows now and some room, and moves only now and then") {
  int moves = 0;
  SimTime before;
  for (std::int64_t ms = 1; ms < 60'000; ms += 7) {
    const SimTime now = SimTime::fromNs(ms * 1'000'000);
    const SimTime to = roundSpan(now);
    REQUIRE(to > now);
    REQUIRE(to.ns() <= std::max<std::int64_t>(10'000'000, now.ns() * 3));
    moves += to == before ? 0 : 1;
    before = to;
  }
  REQUIRE(moves < 30);
}

TEST_CASE("charts stand side by side as long as they keep a good shape") {
  REQUIRE(chartGrid(2, 860, 280) == ChartGrid{2, 1});
  REQUIRE(chartGrid(2, 480, 220) == ChartGrid{2, 1});
  REQUIRE(chartGrid(1, 480, 220) == ChartGrid{1, 1});
  REQUIRE(chartGrid(4, 860, 280).columns >= 2);
  REQUIRE(chartGrid(3, 300, 900).columns == 1);
  for (int n = 1; n < 8; ++n)
    for (int width = 200; width < 1600; width += 100) {
      const ChartGrid grid = chartGrid(n, width, 240);
      REQUIRE(grid.columns * grid.rows >= n);
      REQUIRE((grid.columns - 1) * grid.rows < n);
    }
}

TEST_CASE("a web request has latency and throughput; a busy bottleneck has queue and cwnd") {
  Shown web("web-request");
  web.stage.seekMs(20'000);
  web.view->refresh();
  REQUIRE(web.panel(QStringLiteral("latency")) != nullptr);
  REQUIRE(web.panel(QStringLiteral("throughput")) != nullptr);
  REQUIRE(web.panel(QStringLiteral("losses")) == nullptr);
  keepShots(web.stage, *web.view, QStringLiteral("charts-web"));
  Shown busy("busy-bottleneck");
  busy.stage.seekMs(30'000);
  busy.view->refresh();
  REQUIRE(busy.panel(QStringLiteral("queue")) != nullptr);
  REQUIRE(busy.panel(QStringLiteral("cwnd")) != nullptr);
  REQUIRE(busy.panel(QStringLiteral("throughput")) != nullptr);
  keepShots(busy.stage, *busy.view, QStringLiteral("charts-busy"));
  Shown lossy("lossy-link");
  lossy.stage.seekMs(30'000);
  lossy.view->refresh();
  REQUIRE(lossy.panel(QStringLiteral("losses")) != nullptr);
  REQUIRE(lossy.panel(QStringLiteral("voice")) != nullptr);
  keepShots(lossy.stage, *lossy.view, QStringLiteral("charts-lossy"));
}

TEST_CASE("no point lies beyond the cursor, and each lies within its axes") {
  for (const char *scenario : {"web-request", "busy-bottleneck", "lossy-link"}) {
    Shown shown(scenario);
    for (const std::int64_t ms : {150, 3'000, 14'000}) {
      shown.stage.seekMs(ms);
      shown.view->refresh();
      for (const ChartPanel *panel : shown.view->panels()) {
        const ChartData &data = panel->data();
        for (const ChartLine &line : data.lines) {
          double before = -1;
          for (const QPointF &p : line.points) {
            INFO(scenario << " " << data.id.toStdString() << " at " << ms << " ms");
            REQUIRE(p.x() <= data.x(shown.stage.state.now()) * (1 + 1e-9));
            REQUIRE(p.x() >= before);
            REQUIRE(p.y() >= 0);
            REQUIRE(p.y() <= data.yMax);
            before = p.x();
          }
        }
      }
    }
  }
}

TEST_CASE("the throughput drawn adds up to the bytes that programs got") {
  RunStage stage(QStringLiteral("busy-bottleneck"));
  const ChartBook book(stage.state);
  const SimTime end = stage.playback.end();
  const auto charts = book.charts(SimTime::zero(), end, end, 600);
  const auto it = std::find_if(charts.begin(), charts.end(),
                               [](const auto &c) { return c.id == QStringLiteral("throughput"); });
  REQUIRE(it != charts.end());
  std::uint64_t bytes = 0;
  for (const auto &slot : stage.state.trace().slots())
    for (const trace::Record &r : slot.chunk->records)
      if (r.kind == trace::RecordKind::SegmentDelivered) bytes += r.args[0];
  const double factor = it->unit == QStringLiteral("Mbit/s") ? 1e6 : 1e3;
  double bits = 0;
  const auto &points = it->lines.front().points;
  for (qsizetype i = 1; i < points.size(); ++i)
    bits += points[i].y() * factor * (points[i].x() - points[i - 1].x());
  REQUIRE(bits == Approx(8.0 * static_cast<double>(bytes)).epsilon(0.01));
}

TEST_CASE("half of the trailing requests lie at or below p50") {
  RunStage stage(QStringLiteral("web-request"));
  const ChartBook book(stage.state);
  const SimTime end = stage.playback.end();
  const auto charts = book.charts(SimTime::zero(), end, end, 600);
  REQUIRE(charts.front().id == QStringLiteral("latency"));
  std::vector<double> values;
  const auto &p50 = charts.front().lines[0].points;
  const auto &p99 = charts.front().lines[1].points;
  std::vector<double> latencies;
  for (const auto &slot : stage.state.trace().slots())
    for (const trace::Record &r : slot.chunk->records)
      if (r.kind == trace::RecordKind::RequestEnded && r.detail == 0)
        latencies.push_back(static_cast<double>(r.args[1]) / 1e6);
  REQUIRE(p50.size() >= static_cast<qsizetype>(latencies.size()));
  for (std::size_t i = 0; i < latencies.size(); ++i) {
    values.push_back(latencies[i]);
    std::vector<double> sorted(
        values.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(50, values.size())),
        values.end());
    std::sort(sorted.begin(), sorted.end());
    const double n = static_cast<double>(sorted.size());
    REQUIRE(p50[qsizetype(i)].y() == Approx(sorted[std::size_t(std::ceil(n * 0.5)) - 1]));
    REQUIRE(p99[qsizetype(i)].y() == Approx(sorted[std::size_t(std::ceil(n * 0.99)) - 1]));
  }
}

TEST_CASE("a long run comes to Qt Charts decimated to the width of the plot") {
  RunStage stage(QStringLiteral("busy-bottleneck"));
  const ChartBook book(stage.state);
  const SimTime end = stage.playback.end();
  for (const ChartData &chart : book.charts(SimTime::zero(), end, end, 300))
    for (const ChartLine &line : chart.lines) {
      INFO(chart.id.toStdString());
      REQUIRE(line.points.size() <= 4 * 300 + 64);
    }
}

TEST_CASE("exported charts are PNG files of the size that was asked for") {
  Shown shown("busy-bottleneck");
  QTemporaryDir folder;
  QString message;
  const QStringList files = exportCharts(shown.view.get(), folder.path(), &message);
  REQUIRE(message.isEmpty());
  REQUIRE(files.size() >= 3);
  for (const QString &file : files) REQUIRE(sizeInFile(file) == QSize(1600, 900));

  ExportDialog dialog(shown.stage.hub, figuresOf(shown.view->wholeRun(800)),
                      QStringLiteral("cwnd"), nullptr);
  REQUIRE_FALSE(dialog.isAll());
  const QString one = folder.filePath(QStringLiteral("one.png"));
  REQUIRE(dialog.write(one).isEmpty());
  REQUIRE(sizeInFile(one) == dialog.pixels());
  REQUIRE_FALSE(dialog.write(folder.filePath(QStringLiteral("no/such/folder.png"))).isEmpty());
  // A picture of the plot is more than its ground.
  const QImage image(one);
  std::set<QRgb> colours;
  for (int y = 0; y < image.height(); y += 3)
    for (int x = 0; x < image.width(); x += 3) colours.insert(image.pixel(x, y));
  REQUIRE(colours.size() > 20);
  if (const QString keep = qEnvironmentVariable("PACKETARIUM_SHOTS"); !keep.isEmpty()) {
    for (const QString &file : files)
      QFile::copy(file, QDir(keep).filePath(QStringLiteral("slide-") + QFileInfo(file).fileName()));
    dialog.show();
    QTest::qWait(100);
    dialog.grab().save(QDir(keep).filePath(QStringLiteral("export-dialog.png")));
  }
}

TEST_CASE("a chart with nothing to show is an empty state, and exports nothing but a message") {
  ThemeHub hub{ThemeChoice::Dark};
  Document document;
  Playback playback(document);
  ViewState state(document, playback, hub);
  ChartsView view(state);
  view.resize(600, 220);
  view.show();
  REQUIRE(view.panels().empty());
  QTemporaryDir folder;
  QString message;
  REQUIRE(exportCharts(&view, folder.path(), &message).isEmpty());
  REQUIRE_FALSE(message.isEmpty());
}

TEST_CASE("the pointer in one chart is read in all, and a click goes there") {
  Shown shown("busy-bottleneck");
  shown.stage.seekMs(20'000);
  shown.view->refresh();
  QTest::qWait(50);
  ChartPanel *panel = shown.view->panels().front();
  const SimTime wanted = SimTime::fromNs(7'000'000'000);
  const QPoint at(static_cast<int>(std::lround(panel->xOf(wanted))), panel->height() / 2);
  QTest::mouseMove(panel, at);
  QTest::mouseClick(panel, Qt::LeftButton, {}, at);
  const double perPixel = (panel->data().to - panel->data().from).toSeconds() / panel->width();
  REQUIRE(std::abs(shown.stage.state.now().toSeconds() - 7) < 3 * perPixel + 1e-6);
}

TEST_CASE("a live chart costs a few milliseconds", "[timing]") {
  Shown shown("busy-bottleneck");
  shown.stage.seekMs(50'000);
  shown.view->refresh();
  std::vector<double> ms;
  for (int i = 0; i < 40; ++i) {
    QElapsedTimer spent;
    spent.start();
    shown.view->refresh();
    shown.view->repaint();
    for (ChartPanel *panel : shown.view->panels()) panel->repaint();
    ms.push_back(static_cast<double>(spent.nsecsElapsed()) / 1e6);
  }
  std::sort(ms.begin(), ms.end());
  WARN("all charts: median " << ms[20] << " ms, longest " << ms.back() << " ms");
  REQUIRE(ms[20] < 400);
}

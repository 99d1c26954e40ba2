// SPDX-License-Identifier: GPL-3.0-or-later
// packetarium: the window, or a picture of it, or a benchmark of it.
#include "core/scenario/build.h"
#include "core/scenario/templates.h"
#include "core/scenario/units.h"
#include "ui/shell/main_window.h"
#include "ui/shell/recent_files.h"
#include "ui/shell/window_set.h"
#include "ui/shell/window_task.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"

#include <QApplication>
#include <QFileInfo>
#include <QSettings>
#include <QTimer>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace {

using namespace packetarium;
using ui::MainWindow;

enum ExitCode { AllDone = 0, BadInput = 1, BadUsage = 2 };

struct Options {
  std::string scenario;
  std::string at, until, size = "1600x900", theme, view = "window", tab = "sequence", select;
  std::string screenshot, exportCharts, bench;
  int nodes = 1000, links = 2000, packets = 10'000;
  bool json = false, presenter = false;

  bool hasTask() const { return !screenshot.empty() || !exportCharts.empty() || !bench.empty(); }
};

/// A view, and which page of it; -1: the first.
struct Shown {
  MainWindow::View view;
  int page = -1;
};

const std::map<std::string, Shown> views = {
    {"window", {MainWindow::View::Window}},           {"canvas", {MainWindow::View::Canvas}},
    {"layers", {MainWindow::View::Layers}},           {"sequence", {MainWindow::View::Sequence}},
    {"packets", {MainWindow::View::Packets}},         {"charts", {MainWindow::View::Charts}},
    {"security", {MainWindow::View::Security}},       {"services", {MainWindow::View::Services}},
    {"lost-writes", {MainWindow::View::Services, 1}}, {"machines", {MainWindow::View::Services, 2}},
    {"cluster", {MainWindow::View::Cluster}},         {"conflicts", {MainWindow::View::Cluster, 1}},
    {"ring", {MainWindow::View::Cluster, 2}},         {"history", {MainWindow::View::History}},
    {"freshness", {MainWindow::View::History, 1}},    {"cap-dial", {MainWindow::View::Dial}}};

const std::map<std::string, ui::ThemeChoice> themes = {{"light", ui::ThemeChoice::Light},
                                                       {"dark", ui::ThemeChoice::Dark},
                                                       {"projector", ui::ThemeChoice::Projector}};

std::string checkDuration(const std::string &text) {
  return scenario::parseDuration(text) ? ""
                                       : "\"" + text + "\" is no time; write 1.25s, 20ms, 300us";
}

std::optional<QSize> sizeOf(const std::string &text) {
  int wide = 0;
  int tall = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%dx%d%c", &wide, &tall, &rest) != 2) return std::nullopt;
  if (wide < 200 || tall < 150 || wide > 16'000 || tall > 16'000) return std::nullopt;
  return QSize(wide, tall);
}

std::string checkSize(const std::string &text) {
  return sizeOf(text) ? "" : "\"" + text + "\" is no size; write 1600x900 (200x150 to 16000x16000)";
}

std::string checkSelection(const std::string &text) {
  return ui::SelectionWish::parse(text) ? "" : "write node:ID, link:ID or packet:NUMBER";
}

template <class Map> std::set<std::string> keysOf(const Map &map) {
  std::set<std::string> keys;
  for (const auto &[key, value] : map) keys.insert(key);
  return keys;
}

void declare(CLI::App &app, Options &o) {
  app.add_option("scenario", o.scenario, "Id of a built-in scenario, or a .packetarium file")
      ->type_name("SCENARIO");
  app.set_version_flag("--version", std::string("packetarium ") + PACKETARIUM_VERSION);
  auto *shot = app.add_option("--screenshot", o.screenshot, "Render to this picture file and leave")
                   ->type_name("FILE");
  app.add_option("--at", o.at, "Instant of the run to show: 1.25s, 20ms")
      ->check(checkDuration)
      ->type_name("TIME");
  app.add_option("--size", o.size, "Size of the picture")->check(checkSize)->type_name("WxH");
  app.add_option("--theme", o.theme, "light, dark or projector; else as the system")
      ->check(CLI::IsMember(keysOf(themes)))
      ->type_name("THEME");
  app.add_option(
         "--view", o.view,
         "What to render: window, canvas, layers, sequence, packets, charts, security, "
         "services, cluster, history, cap-dial; or a page: lost-writes, machines, conflicts, "
         "ring, freshness")
      ->check(CLI::IsMember(keysOf(views)))
      ->needs(shot)
      ->type_name("VIEW");
  app.add_option("--tab", o.tab, "View in front at the bottom of the window")
      ->check(CLI::IsMember(keysOf(views)))
      ->needs(shot)
      ->type_name("VIEW");
  app.add_option("--select", o.select,
                 "Select node:ID, link:ID or packet:NUMBER (sequence of a record) first")
      ->check(checkSelection)
      ->needs(shot)
      ->type_name("WHAT");
  app.add_flag("--presenter", o.presenter, "Start in presenter mode");
  auto *charts = app.add_option("--export-charts", o.exportCharts,
                                "Write one PNG per chart into this folder and leave")
                     ->type_name("DIR");
  app.add_option("--until", o.until, "Run this far before the charts are written")
      ->check(checkDuration)
      ->needs(charts)
      ->type_name("TIME");
  auto *bench =
      app.add_option("--bench", o.bench,
                     "Measure canvas (painting), scrub (seeking) or open (opening) and leave")
          ->check(CLI::IsMember({"canvas", "scrub", "open"}))
          ->type_name("WHAT");
  app.add_option("--nodes", o.nodes, "Nodes of the canvas benchmark")
      ->check(CLI::Range(1, 10'000))
      ->needs(bench);
  app.add_option("--links", o.links, "Links of the canvas benchmark")
      ->check(CLI::Range(0, 40'000))
      ->needs(bench);
  app.add_option("--packets", o.packets, "Visible packets of the canvas benchmark")
      ->check(CLI::Range(0, 1'000'000))
      ->needs(bench);
  app.add_flag("--json", o.json, "Benchmark results as one JSON object")->needs(bench);
}

SimTime instant(const std::string &text, SimTime otherwise) {
  const auto d = text.empty() ? std::nullopt : scenario::parseDuration(text);
  return d ? SimTime::zero() + *d : otherwise;
}

Result<scenario::Scenario> load(const Options &o) {
  if (o.bench == "scrub" && o.scenario.empty()) {
    // A thousand packets a second over a grid: more than a million events.
    scenario::TemplateOptions grid = scenario::gridBenchmark();
    grid.rows = 10;
    grid.columns = 10;
    grid.flows = 60;
    grid.duration = Duration::seconds(22);
    return scenario::generate(grid);
  }
  auto loaded = scenario::loadIdOrFile(o.scenario.empty() ? std::string(scenario::defaultScenarioId)
                                                          : o.scenario,
                                       scenario::Accept::Conflicts);
  // What is asked for is run, whatever the document says.
  if (loaded && !o.until.empty()) loaded.value().duration = *scenario::parseDuration(o.until);
  return loaded;
}

ui::WindowTask *taskOf(MainWindow &window, const Options &o) {
  if (o.bench == "canvas")
    return new ui::CanvasBench(window, {o.nodes, o.links, o.packets, o.json, *sizeOf(o.size)});
  if (o.bench == "open")
    return new ui::OpenBench(
        window, {QString::fromStdString(
                     o.scenario.empty() ? std::string(scenario::defaultScenarioId) : o.scenario),
                 o.json});
  if (o.bench == "scrub") return new ui::ScrubBench(window, {1'000'000, o.json});
  if (!o.exportCharts.empty())
    return new ui::ChartsTask(window, window.playback().end(),
                              QString::fromStdString(o.exportCharts));
  ui::PictureTask::Order order;
  order.at = instant(o.at, SimTime::zero());
  order.file = QString::fromStdString(o.screenshot);
  order.size = *sizeOf(o.size);
  const Shown &alone = views.at(o.view), &front = views.at(o.tab);
  order.view = alone.view;
  order.tab = front.view;
  order.page = alone.view == MainWindow::View::Window ? front.page : alone.page;
  order.presenting = o.presenter;
  if (!o.select.empty()) order.select = *ui::SelectionWish::parse(o.select);
  return new ui::PictureTask(window, order);
}

/// Without a display Qt would abort; a task needs none.
bool chooseDisplay(const Options &o) {
  const auto set = [](const char *name) { return !qEnvironmentVariableIsEmpty(name); };
  if (set("QT_QPA_PLATFORM") || set("DISPLAY") || set("WAYLAND_DISPLAY")) return true;
  if (o.hasTask()) qputenv("QT_QPA_PLATFORM", "offscreen");
  return o.hasTask();
}

int run(QApplication &application, const Options &o) {
  const bool task = o.hasTask();
  const auto stored =
      static_cast<ui::ThemeChoice>(QSettings().value(QStringLiteral("theme"), 0).toInt());
  const ui::ThemeChoice choice = !o.theme.empty() ? themes.at(o.theme)
                                 : task || stored > ui::ThemeChoice::Projector
                                     ? ui::ThemeChoice::System
                                     : stored;
  ui::ThemeHub hub(choice);
  hub.attachTo(application);

  auto loaded = load(o);
  if (!loaded) {
    for (const Fault &fault : loaded.faults()) std::fprintf(stderr, "%s\n", fault.text().c_str());
    return BadInput;
  }
  const auto ids = scenario::builtInIds();
  const bool file =
      !o.scenario.empty() && std::find(ids.begin(), ids.end(), o.scenario) == ids.end();
  const QString path =
      file ? QFileInfo(QString::fromStdString(o.scenario)).absoluteFilePath() : QString();
  if (!task) {
    ui::WindowSet windows(hub, ui::recoveryFolder());
    MainWindow *window = windows.make();
    window->document().open(std::move(loaded).value(), path);
    if (file) ui::RecentFiles::add(path);
    if (!o.at.empty()) window->playback().seek(instant(o.at, SimTime::zero()));
    window->show();
    if (o.presenter) window->setPresenting(true);
    window->playback().play();
    windows.offerLost(window);
    return QApplication::exec();
  }
  MainWindow window(hub, ui::Remember::No);
  window.document().open(std::move(loaded).value(), path);
  ui::WindowTask *work = taskOf(window, o);
  QObject::connect(work, &ui::WindowTask::finished, &application,
                   [](int code, const QString &output, const QString &error) {
                     std::fputs(output.toUtf8().constData(), stdout);
                     if (!error.isEmpty()) std::fprintf(stderr, "%s\n", error.toUtf8().constData());
                     QApplication::exit(code);
                   });
  QTimer::singleShot(0, work, &ui::WindowTask::start);
  return QApplication::exec();
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Watch computer networks and distributed systems at work.");
  Options options;
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? AllDone : BadUsage;
  }
  if (!chooseDisplay(options)) {
    std::fputs(
        "There is no display to open a window on. packetarium-cli runs scenarios without one; "
        "--screenshot renders the window to a file.\n",
        stderr);
    return BadInput;
  }
  QApplication::setOrganizationName(QStringLiteral("packetarium"));
  QApplication::setApplicationName(QStringLiteral("packetarium"));
  QApplication::setApplicationDisplayName(QStringLiteral("Packetarium"));
  QApplication::setApplicationVersion(QStringLiteral(PACKETARIUM_VERSION));
  int qtArguments = 1; // the rest are ours
  QApplication application(qtArguments, argv);
  QApplication::setWindowIcon(ui::applicationIcon());
  return run(application, options);
}

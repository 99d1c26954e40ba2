// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/main_window.h"

#include <QElapsedTimer>
#include <QObject>
#include <QSize>
#include <QString>
#include <QTimer>

#include <optional>
#include <string>
#include <vector>

// What the window can do by itself from the command line: each task drives it by signals, step by
// step, and says when it is done. None of them waits in a loop of its own.
namespace packetarium::ui {

class WindowTask : public QObject {
  Q_OBJECT
public:
  using QObject::QObject;
  virtual void start() = 0;

Q_SIGNALS:
  // exitCode: 0 done, 1 the input is at fault; output goes to standard output, error to the other.
  void finished(int exitCode, const QString &output, const QString &error);
};

/// What to choose before a picture is taken: "node:web", "link:isp-core", "packet:17" (a record).
struct SelectionWish {
  Selection::Kind kind = Selection::Kind::None;
  std::string id;
  trace::Sequence record = 0;
  /// None when the text is none of these forms.
  static std::optional<SelectionWish> parse(const std::string &text);
};

/// Renders the window, or one view of it, as it is at an instant, to a picture file.
class PictureTask : public WindowTask {
  Q_OBJECT
public:
  struct Order {
    SimTime at;
    QString file;
    QSize size{1600, 900};
    MainWindow::View view = MainWindow::View::Window;
    MainWindow::View tab = MainWindow::View::Sequence; ///< in front, in a picture of the window
    int page = -1;                                     ///< of a view that has several; -1: as it is
    SelectionWish select;
    bool presenting = false;
  };
  PictureTask(MainWindow &window, Order order);
  void start() override;

private:
  void check();
  void choose();
  void take();

  MainWindow &m_window;
  Order m_order;
  QWidget *m_target = nullptr;
  QWidget *m_front = nullptr; ///< the view that is shown, in the window or alone
  QTimer m_settle;            ///< views that draw a little later than the frame get their turn
  bool m_chosen = false;
};

/// Runs the scenario to an instant and writes one picture per chart into a folder.
class ChartsTask : public WindowTask {
  Q_OBJECT
public:
  ChartsTask(MainWindow &window, SimTime until, const QString &folder);
  void start() override;

private:
  void check();

  MainWindow &m_window;
  SimTime m_until;
  QString m_folder;
  QTimer m_settle;
};

/// Middle and 95th percentile of measured times, in milliseconds.
struct Timings {
  double median = 0, p95 = 0;
  std::size_t count = 0;
};
Timings timingsOf(std::vector<double> ms);

/// Paints moving packets on a made-up network and times each frame of the canvas.
class CanvasBench : public WindowTask {
  Q_OBJECT
public:
  struct Order {
    int nodes = 1000, links = 2000, packets = 10'000;
    bool json = false;
    QSize size{1600, 900};
  };
  CanvasBench(MainWindow &window, const Order &order);
  void start() override;

private:
  void frame();
  analysis::Frame frameNumber(int number) const;

  MainWindow &m_window;
  Order m_order;
  QTimer m_turn;
  std::vector<double> m_times;
  int m_done = 0;
};

/// Jumps about in a long run, seeking and stepping back, and times how soon the picture is there.
class ScrubBench : public WindowTask {
  Q_OBJECT
public:
  struct Order {
    std::uint64_t events = 1'000'000;
    bool json = false;
  };
  ScrubBench(MainWindow &window, const Order &order);
  void start() override;

private:
  void wait();
  void next();
  void onFrame();
  void report();

  MainWindow &m_window;
  Order m_order;
  QElapsedTimer m_since;
  QTimer m_turn;
  std::vector<double> m_seeks, m_steps;
  std::uint64_t m_draw = 1;
  SimTime m_goal;
  bool m_running = false;
  bool m_stepping = false;
  bool m_measuring = false;
};

/// Opens a file in the running window again and again, and times how soon it is painted, and how
/// soon the run behind it has its first instant.
class OpenBench : public WindowTask {
  Q_OBJECT
public:
  struct Order {
    QString file; ///< a scenario file, or a built-in one's id
    bool json = false;
  };
  OpenBench(MainWindow &window, const Order &order);
  void start() override;

private:
  void next();
  void check();
  void report();

  MainWindow &m_window;
  Order m_order;
  QElapsedTimer m_since;
  QTimer m_turn;
  std::vector<double> m_painted, m_live;
  bool m_measuring = false;
};

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "ui/shell/new_dialog.h"
#include "ui/shell/window_task.h"
#include "ui/topology/canvas.h"

#include <QApplication>

#include <cmath>

namespace packetarium::ui {
namespace {

constexpr int framesMeasured = 300;
constexpr int framesBefore = 10; // pixmaps and glyphs are made
constexpr std::size_t scrubsMeasured = 200;
constexpr std::size_t opensMeasured = 9;
constexpr int betweenOpensMs = 200;

/// A whole number from a small generator of its own; the same on every machine.
std::uint64_t draw(std::uint64_t &state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/// Switches on a grid, joined at random: nothing runs on them, the frames are made up.
scenario::Scenario madeUp(int nodes, int links) {
  scenario::Scenario s;
  s.id = "canvas-benchmark";
  s.title = "Canvas benchmark";
  s.duration = Duration::seconds(1);
  const int across = std::max(1, static_cast<int>(std::ceil(std::sqrt(nodes * 16.0 / 9))));
  for (int i = 0; i < nodes; ++i) {
    scenario::Node node;
    node.id = "n" + std::to_string(i);
    node.name = node.id;
    node.kind = scenario::NodeKind::Switch;
    node.position = {(i % across) * 110, (i / across) * 110};
    s.nodes.push_back(std::move(node));
  }
  std::uint64_t state = 88172645463325252ULL;
  const auto attach = [](scenario::Node &node) {
    node.interfaces.push_back({"p" + std::to_string(node.interfaces.size()), {}, {}});
    return node.interfaces.back().id;
  };
  for (int i = 0; i < links && nodes > 1; ++i) {
    const auto a = static_cast<std::size_t>(i % nodes);
    // A neighbour on the grid for most, so that the picture is that of a real network.
    const std::size_t offsets[] = {1, static_cast<std::size_t>(across),
                                   static_cast<std::size_t>(across) + 1, 2};
    const auto b = (a + offsets[draw(state) % 4]) % static_cast<std::size_t>(nodes);
    if (a == b) continue;
    scenario::Link link;
    link.id = "l" + std::to_string(i);
    link.from = {s.nodes[a].id, attach(s.nodes[a])};
    link.to = {s.nodes[b].id, attach(s.nodes[b])};
    s.links.push_back(std::move(link));
  }
  return s;
}

QString line(const char *name, double value) {
  return QStringLiteral("\"%1\": %2").arg(QLatin1String(name)).arg(value, 0, 'f', 3);
}

} // namespace

// ---- canvas -----------------------------------------------------------------------------------

CanvasBench::CanvasBench(MainWindow &window, const Order &order)
    : WindowTask(&window), m_window(window), m_order(order) {
  m_turn.setInterval(0);
  connect(&m_turn, &QTimer::timeout, this, &CanvasBench::frame);
}

void CanvasBench::start() {
  m_window.document().open(madeUp(m_order.nodes, m_order.links));
  m_window.playback().pause();
  Canvas &canvas = m_window.canvas();
  canvas.setParent(nullptr);
  canvas.setBare(true);
  canvas.resize(m_order.size);
  canvas.show();
  canvas.fit();
  m_turn.start();
}

analysis::Frame CanvasBench::frameNumber(int number) const {
  analysis::Frame frame = m_window.playback().frame();
  const auto links = static_cast<std::uint32_t>(frame.links.size());
  std::uint64_t state = 0x9E3779B97F4A7C15ULL;
  for (std::uint32_t i = 0; i < links; ++i)
    frame.links[i].directions[0].utilisation = static_cast<double>(draw(state) % 100) / 100;
  frame.packets.clear();
  for (int i = 0; i < m_order.packets && links > 0; ++i) {
    analysis::PacketView packet;
    packet.sent = static_cast<trace::Sequence>(i) + 1;
    packet.link = static_cast<std::uint32_t>(draw(state) % links);
    packet.end = static_cast<std::uint8_t>(draw(state) & 1);
    packet.protocol = static_cast<std::uint8_t>(draw(state) % PacketSprites::classes);
    packet.frameBytes = 1500;
    packet.progress = static_cast<float>(
        static_cast<double>((draw(state) + static_cast<std::uint64_t>(number) * 16) % 1000) / 1000);
    packet.tail = std::max(0.0F, packet.progress - 0.1F);
    frame.packets.push_back(packet);
  }
  frame.inFlightTotal = frame.packets.size();
  return frame;
}

void CanvasBench::frame() {
  analysis::Frame made = frameNumber(m_done);
  QElapsedTimer timer;
  timer.start();
  m_window.playback().showFrame(std::move(made));
  m_window.canvas().repaint();
  const double ms = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
  if (++m_done > framesBefore) m_times.push_back(ms);
  if (m_times.size() < framesMeasured) return;
  m_turn.stop();
  const Timings t = timingsOf(m_times);
  const QString output =
      m_order.json
          ? QStringLiteral("{\"bench\": \"canvas\", \"nodes\": %1, \"links\": %2, \"packets\": %3, "
                           "\"frames\": %4, %5, %6}\n")
                .arg(m_order.nodes)
                .arg(m_order.links)
                .arg(m_order.packets)
                .arg(t.count)
                .arg(line("frame_ms_median", t.median), line("frame_ms_p95", t.p95))
          : QStringLiteral("%1 nodes, %2 links, %3 packets: median %4 ms a frame, p95 %5 ms\n")
                .arg(m_order.nodes)
                .arg(m_order.links)
                .arg(m_order.packets)
                .arg(t.median, 0, 'f', 2)
                .arg(t.p95, 0, 'f', 2);
  Q_EMIT finished(0, output, {});
}

// ---- scrub ------------------------------------------------------------------------------------

ScrubBench::ScrubBench(MainWindow &window, const Order &order)
    : WindowTask(&window), m_window(window), m_order(order) {
  m_turn.setSingleShot(true);
  m_turn.setInterval(0);
  connect(&m_turn, &QTimer::timeout, this, &ScrubBench::next);
}

void ScrubBench::start() {
  m_window.resize(1600, 900);
  m_window.show();
  Playback &playback = m_window.playback();
  playback.pause();
  connect(&playback, &Playback::traceGrown, this, &ScrubBench::wait);
  playback.runAheadTo(playback.end());
  wait();
}

void ScrubBench::wait() {
  if (m_running || !m_window.playback().runEnded()) return;
  m_running = true;
  connect(&m_window.playback(), &Playback::frameChanged, this, &ScrubBench::onFrame);
  m_turn.start();
}

void ScrubBench::next() {
  Playback &playback = m_window.playback();
  if (m_seeks.size() >= scrubsMeasured && m_steps.size() >= scrubsMeasured) return report();
  m_stepping = m_seeks.size() > m_steps.size();
  m_measuring = true;
  m_since.start();
  if (m_stepping) {
    playback.stepBack(analysis::StepSize::Event);
    return;
  }
  const auto end = static_cast<std::uint64_t>(std::max<std::int64_t>(playback.end().ns(), 1));
  m_goal = SimTime::fromNs(static_cast<std::int64_t>(draw(m_draw) % end));
  playback.seek(m_goal);
}

/// The frame is there; what remains is to paint it.
void ScrubBench::onFrame() {
  if (!m_measuring || m_window.playback().isPending()) return;
  m_measuring = false;
  m_window.repaint();
  const double ms = static_cast<double>(m_since.nsecsElapsed()) * 1e-6;
  (m_stepping ? m_steps : m_seeks).push_back(ms);
  m_turn.start();
}

void ScrubBench::report() {
  std::vector<double> all = m_seeks;
  all.insert(all.end(), m_steps.begin(), m_steps.end());
  const Timings t = timingsOf(all);
  const Timings back = timingsOf(m_steps);
  const auto events = m_window.playback().events();
  const QString output =
      m_order.json
          ? QStringLiteral(
                "{\"bench\": \"scrub\", \"events\": %1, \"seeks\": %2, %3, %4, %5, %6}\n")
                .arg(events)
                .arg(t.count)
                .arg(line("seek_ms_median", t.median), line("seek_ms_p95", t.p95),
                     line("step_back_ms_median", back.median), line("step_back_ms_p95", back.p95))
          : QStringLiteral("%1 events: median %2 ms a seek, p95 %3 ms\n")
                .arg(events)
                .arg(t.median, 0, 'f', 2)
                .arg(t.p95, 0, 'f', 2);
  Q_EMIT finished(0, output, {});
}

// ---- open -------------------------------------------------------------------------------------

OpenBench::OpenBench(MainWindow &window, const Order &order)
    : WindowTask(&window), m_window(window), m_order(order) {
  m_turn.setSingleShot(true);
  m_turn.setInterval(betweenOpensMs);
  connect(&m_turn, &QTimer::timeout, this, &OpenBench::next);
}

void OpenBench::start() {
  m_window.resize(1600, 900);
  m_window.show();
  connect(&m_window.playback(), &Playback::frameChanged, this, &OpenBench::check);
  m_turn.start();
}

// Another document in between, so that nothing of the last time is of use.
void OpenBench::next() {
  if (m_live.size() >= opensMeasured) return report();
  m_window.desk().put(emptyDocument());
  QApplication::processEvents();
  m_since.start();
  if (!m_window.openScenario(m_order.file)) {
    Q_EMIT finished(1, {}, tr("%1 cannot be opened").arg(m_order.file));
    return;
  }
  m_window.repaint();
  m_painted.push_back(static_cast<double>(m_since.nsecsElapsed()) * 1e-6);
  m_measuring = true;
  check();
}

void OpenBench::check() {
  if (!m_measuring || m_window.playback().isPending()) return;
  m_measuring = false;
  m_window.repaint();
  m_live.push_back(static_cast<double>(m_since.nsecsElapsed()) * 1e-6);
  m_turn.start();
}

void OpenBench::report() {
  const Timings painted = timingsOf(m_painted);
  const Timings live = timingsOf(m_live);
  const auto nodes = m_window.document().scenario().nodes.size();
  const QString output =
      m_order.json
          ? QStringLiteral("{\"bench\": \"open\", \"nodes\": %1, \"opens\": %2, %3, %4, %5, %6}\n")
                .arg(nodes)
                .arg(live.count)
                .arg(line("painted_ms_median", painted.median), line("painted_ms_p95", painted.p95),
                     line("live_ms_median", live.median), line("live_ms_p95", live.p95))
          : QStringLiteral("%1 nodes: painted after %2 ms, running after %3 ms (median of %4)\n")
                .arg(nodes)
                .arg(painted.median, 0, 'f', 1)
                .arg(live.median, 0, 'f', 1)
                .arg(live.count);
  Q_EMIT finished(0, output, {});
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/window_task.h"

#include "ui/cluster/cluster_view.h"
#include "ui/judge/dial_view.h"
#include "ui/judge/history_view.h"
#include "ui/services/services_view.h"
#include "ui/shell/views.h"
#include "ui/topology/canvas.h"

#include <QDir>
#include <QPixmap>

#include <algorithm>
#include <charconv>

namespace packetarium::ui {
namespace {

constexpr int settleMs = 350;

// Some views find out on another thread what they show.
bool isSettled(QWidget &front) {
  if (const auto *history = qobject_cast<HistoryView *>(&front)) return history->isSettled();
  if (const auto *dial = qobject_cast<DialView *>(&front)) return !dial->isRunning();
  return true;
}

void turnTo(QWidget &front, int page) {
  if (page < 0) return;
  if (auto *history = qobject_cast<HistoryView *>(&front))
    history->setPage(static_cast<HistoryView::Page>(page));
  if (auto *services = qobject_cast<ServicesView *>(&front))
    services->setPage(static_cast<ServicesView::Page>(page));
  if (auto *cluster = qobject_cast<ClusterView *>(&front))
    cluster->setPage(static_cast<ClusterView::Page>(page));
}

} // namespace

std::optional<SelectionWish> SelectionWish::parse(const std::string &text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return std::nullopt;
  const std::string kind = text.substr(0, colon);
  SelectionWish wish;
  wish.id = text.substr(colon + 1);
  if (kind == "node")
    wish.kind = Selection::Kind::Node;
  else if (kind == "link")
    wish.kind = Selection::Kind::Link;
  else if (kind == "packet") {
    wish.kind = Selection::Kind::Packet;
    const char *end = wish.id.data() + wish.id.size();
    if (std::from_chars(wish.id.data(), end, wish.record).ptr != end) return std::nullopt;
  } else
    return std::nullopt;
  return wish;
}

// ---- a picture --------------------------------------------------------------------------------

PictureTask::PictureTask(MainWindow &window, Order order)
    : WindowTask(&window), m_window(window), m_order(std::move(order)) {
  m_settle.setSingleShot(true);
  m_settle.setInterval(settleMs);
  connect(&m_settle, &QTimer::timeout, this, [this] { m_chosen ? take() : choose(); });
}

void PictureTask::start() {
  m_front =
      m_window.showView(m_order.view == MainWindow::View::Window ? m_order.tab : m_order.view);
  turnTo(*m_front, m_order.page);
  m_target = m_window.showView(m_order.view);
  if (m_target != &m_window) {
    // A view by itself is a window of the wanted size.
    m_target->setParent(nullptr);
    if (m_order.view == MainWindow::View::Canvas) m_window.canvas().setBare(true);
  }
  if (m_order.presenting) m_window.setPresenting(true);
  m_target->setWindowState(Qt::WindowNoState);
  if (m_target == &m_window) m_window.setInitialSize(m_order.size);
  m_target->resize(m_order.size);
  m_target->show();
  m_window.playback().pause();
  m_window.playback().seek(m_order.at);
  if (auto *dial = qobject_cast<DialView *>(m_front)) dial->start();
  connect(&m_window.playback(), &Playback::frameChanged, this, &PictureTask::check);
  connect(&m_window.playback(), &Playback::stateChanged, this, &PictureTask::check);
  check();
}

void PictureTask::check() {
  const Playback &playback = m_window.playback();
  if (m_settle.isActive() || m_chosen || playback.isPending()) return;
  m_settle.start();
}

void PictureTask::choose() {
  if (m_window.playback().isPending()) return;
  m_chosen = true;
  const auto &built = m_window.state().built();
  const SelectionWish &wish = m_order.select;
  Selection selection;
  if (wish.kind == Selection::Kind::Node) selection = Selection::ofNode(built.node(wish.id));
  if (wish.kind == Selection::Kind::Link) selection = Selection::ofLink(built.link(wish.id));
  if (wish.kind == Selection::Kind::Packet) selection = m_window.state().packetOf(wish.record);
  const bool known = wish.kind == Selection::Kind::None ||
                     (wish.kind == Selection::Kind::Node && selection.node.valid()) ||
                     (wish.kind == Selection::Kind::Link && selection.link.valid()) ||
                     (wish.kind == Selection::Kind::Packet && selection.isPacket());
  if (!known) {
    Q_EMIT finished(1, {}, tr("there is no %1 to select").arg(QString::fromStdString(wish.id)));
    return;
  }
  if (!selection.isNone()) m_window.state().select(selection);
  m_settle.start();
}

void PictureTask::take() {
  if (!isSettled(*m_front)) return m_settle.start();
  if (m_target->size() != m_order.size) m_target->resize(m_order.size);
  const QPixmap picture = m_target->grab();
  if (picture.save(m_order.file))
    Q_EMIT finished(0, {}, {});
  else
    Q_EMIT finished(1, {}, tr("%1 cannot be written").arg(m_order.file));
}

// ---- charts -----------------------------------------------------------------------------------

ChartsTask::ChartsTask(MainWindow &window, SimTime until, const QString &folder)
    : WindowTask(&window), m_window(window), m_until(until), m_folder(folder) {
  m_settle.setSingleShot(true);
  m_settle.setInterval(settleMs);
}

void ChartsTask::start() {
  if (!QDir().mkpath(m_folder)) {
    Q_EMIT finished(1, {}, tr("the folder %1 cannot be made").arg(m_folder));
    return;
  }
  m_window.showView(MainWindow::View::Charts);
  m_window.resize(1600, 900);
  m_window.show();
  Playback &playback = m_window.playback();
  playback.pause();
  playback.seek(m_until);
  connect(&playback, &Playback::frameChanged, this, &ChartsTask::check);
  connect(&playback, &Playback::traceGrown, this, &ChartsTask::check);
  connect(&m_settle, &QTimer::timeout, this, [this] {
    QString message;
    const QStringList files = exportCharts(m_window.chartsView(), m_folder, &message);
    if (files.isEmpty())
      Q_EMIT finished(1, {}, message);
    else
      Q_EMIT finished(0, files.join(u'\n') + u'\n', {});
  });
  check();
}

void ChartsTask::check() {
  const Playback &playback = m_window.playback();
  const bool there =
      playback.trace().knownUntil() >= std::min(m_until, playback.end()) || playback.runEnded();
  if (there && !playback.isPending() && !m_settle.isActive()) m_settle.start();
}

Timings timingsOf(std::vector<double> ms) {
  if (ms.empty()) return {};
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double share) {
    return ms[std::min(ms.size() - 1,
                       static_cast<std::size_t>(share * static_cast<double>(ms.size())))];
  };
  return {at(0.5), at(0.95), ms.size()};
}

} // namespace packetarium::ui

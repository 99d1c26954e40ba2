// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/services_view.h"

#include "ui/charts/export_dialog.h"
#include "ui/services/figure_strip.h"
#include "ui/services/lost_list.h"
#include "ui/services/machine_board.h"
#include "ui/services/outage_board.h"
#include "ui/services/ribbon_canvas.h"
#include "ui/services/service_words.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"

#include <QBoxLayout>
#include <QElapsedTimer>
#include <QScrollArea>
#include <QStackedWidget>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr int refreshMs = 120, refreshMsMax = 2000;
constexpr double besideFrom = 620; // px of width from which the halves stand side by side

QScrollArea *scrolled(QWidget *inside, QWidget *parent) {
  auto *area = new QScrollArea(parent);
  area->setFrameShape(QFrame::NoFrame);
  area->setWidgetResizable(true);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setFocusPolicy(Qt::NoFocus);
  area->viewport()->setAutoFillBackground(false);
  area->setWidget(inside);
  inside->setAutoFillBackground(false);
  return area;
}

std::vector<analysis::Outage> ofService(const std::vector<analysis::Outage> &all,
                                        const std::string &service) {
  std::vector<analysis::Outage> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](const analysis::Outage &o) { return o.service == service; });
  return out;
}

// The figures of an earlier instant in a picture of all that was seen.
void backTo(ServicesShown &shown, ServicesShown earlier) {
  shown.until = earlier.until;
  shown.machines = std::move(earlier.machines);
  for (analysis::ServiceReport &report : shown.reports) {
    const auto then = std::find_if(earlier.reports.begin(), earlier.reports.end(),
                                   [&](const auto &r) { return r.name == report.name; });
    if (then != earlier.reports.end()) {
      report = std::move(*then);
    } else {
      analysis::ServiceReport unasked;
      unasked.name = report.name;
      report = std::move(unasked);
    }
  }
}

QString counted(const QString &name, std::size_t count) {
  return count == 0 ? name
                    : name + QLatin1Char(' ') + formatCount(static_cast<std::int64_t>(count));
}

} // namespace

ServicesView::ServicesView(ViewState &state, QWidget *parent)
    : QWidget(parent), m_state(state), m_content(new QWidget(this)) {
  setSurface(*this, Surface::Panel);
  setAccessibleName(tr("Services"));
  m_empty = new EmptyState(state.hub(), "uptime", {}, this);
  m_halves = new QBoxLayout(QBoxLayout::LeftToRight, m_content);
  m_halves->setContentsMargins(0, 4, 0, 0);
  m_halves->setSpacing(0);
  m_left = makeLeft();
  m_right = makeRight();
  m_halves->addWidget(m_left, 11);
  m_halves->addWidget(m_right, 10);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(m_empty);
  whole->addWidget(m_content);

  m_soon.setSingleShot(true);
  m_soon.setInterval(refreshMs);
  connect(&m_soon, &QTimer::timeout, this, &ServicesView::refresh);
  connect(&state, &ViewState::traceGrown, this, &ServicesView::refreshSoon);
  connect(&state, &ViewState::rebuilt, this, &ServicesView::forget);
  connect(&state, &ViewState::truncated, this, &ServicesView::forget);
  connect(&state, &ViewState::frameChanged, this, [this] {
    notice();
    showMoments();
    refreshSoon();
  });
  connect(&state, &ViewState::pointedTimeChanged, this, &ServicesView::showMoments);
  connect(&state.hub(), &ThemeHub::changed, this, &ServicesView::arrange);
  connect(m_empty, &EmptyState::actionTriggered, this, [this] {
    const auto &requests = m_state.chronicle().requests();
    if (!requests.empty()) m_state.playback().seekToRecord(requests.front().started);
  });
  refresh();
}

QWidget *ServicesView::makeLeft() {
  auto *inside = new QWidget(m_content);
  m_ribbons = new RibbonCanvas(m_state.hub(), inside);
  m_strip = new FigureStrip(m_state.hub(), inside);
  auto *column = new QVBoxLayout(inside);
  column->setContentsMargins(0, 0, 0, 8);
  column->setSpacing(6);
  column->addWidget(m_ribbons);
  column->addWidget(m_strip);
  column->addStretch(1);
  m_leftScroll = scrolled(inside, m_content);
  connect(m_ribbons, &RibbonCanvas::chosen, this,
          [this](SimTime at) { m_state.playback().seek(at); });
  connect(m_ribbons, &RibbonCanvas::pointed, this, [this](SimTime at) { m_state.pointTo(at); });
  connect(m_ribbons, &RibbonCanvas::pointerLeft, this, [this] { m_state.pointTo(std::nullopt); });
  connect(m_ribbons, &RibbonCanvas::currentChanged, this, [this] {
    m_service = m_shown.reports[m_ribbons->current()].name;
    showService();
  });
  return m_leftScroll;
}

QWidget *ServicesView::makeRight() {
  const ThemeHub &hub = m_state.hub();
  auto *right = new QWidget(m_content);
  m_tabs = new SegmentedControl(hub, right);
  m_tabs->setAccessibleName(tr("What to show of the service"));
  m_tabs->addSegment(
      tr("Outages"),
      tr("Where the time went while the service was down. An outage begins with a fault; "
         "without one it counts from a second and two failed requests on. Less "
         "than that is a degraded service."));
  m_tabs->addSegment(tr("Lost writes"), tr("What clients were told is done, and was lost"));
  m_tabs->addSegment(tr("Machines"), tr("What is paid for, and how much of it waits"));
  m_export = new IconButton(hub, "export", tr("Export uptime and outages"),
                            IconButton::Variant::Flat, right);
  m_export->setToolTip(tr("Export uptime and outages as PNG, SVG or CSV …"));
  m_export->setEdge(26);
  m_noOutage = new ElidedLabel(hub, {}, TextRole::Secondary);
  m_board = new OutageBoard(hub);
  m_lost = new LostList(hub);
  m_machines = new MachineBoard(hub);
  auto *outages = new QWidget;
  auto *inner = new QVBoxLayout(outages);
  inner->setContentsMargins(0, 0, 0, 0);
  inner->setSpacing(0);
  auto *note = new QHBoxLayout;
  note->setContentsMargins(12, 4, 12, 0);
  note->addWidget(m_noOutage);
  inner->addLayout(note);
  inner->addWidget(m_board);
  inner->addStretch(1);
  m_pages = new QStackedWidget(right);
  m_boardScroll = scrolled(outages, m_pages);
  m_pages->addWidget(m_boardScroll);
  m_pages->addWidget(scrolled(m_lost, m_pages));
  m_pages->addWidget(scrolled(m_machines, m_pages));
  auto *bar = new QHBoxLayout;
  bar->setContentsMargins(12, 2, 8, 2);
  bar->addWidget(m_tabs);
  bar->addStretch(1);
  bar->addWidget(m_export);
  auto *column = new QVBoxLayout(right);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  column->addLayout(bar);
  column->addWidget(m_pages, 1);
  connect(m_tabs, &SegmentedControl::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
  connect(m_export, &IconButton::clicked, this, &ServicesView::openExport);
  connect(m_board, &OutageBoard::recordWanted, this, &ServicesView::goToRecord);
  connect(m_lost, &LostList::recordWanted, this, &ServicesView::goToRecord);
  connect(m_board, &OutageBoard::instantWanted, this,
          [this](SimTime at) { m_state.playback().seek(at); });
  connect(m_board, &OutageBoard::placeShown, this, [this](const QRectF &box) {
    const QPoint at = m_board->mapTo(m_boardScroll->widget(), box.center().toPoint());
    m_boardScroll->ensureVisible(at.x(), at.y(), 0, static_cast<int>(box.height()));
  });
  return right;
}

void ServicesView::setPage(Page page) { m_tabs->setCurrentIndex(static_cast<int>(page)); }

// ---- data -------------------------------------------------------------------------------------

ServicesShown ServicesView::read(SimTime from, SimTime to, analysis::Cursor at) const {
  ServicesShown out;
  const auto &network = m_state.network();
  out.from = from;
  out.to = to;
  out.until = out.seenUntil = at.at;
  out.reports = out.seen = analysis::serviceReports(m_state.chronicle(), at.at);
  if (out.reports.empty()) return out;
  out.outages = analysis::outages(m_state.chronicle(), m_state.facts(), network, at.at);
  out.lost = analysis::lostWrites(m_state.facts(), network, at.upTo);
  for (const analysis::MachineShare &share :
       analysis::machineShares(m_state.facts(), at.upTo, at.at))
    out.machines.push_back({m_state.nodeName(share.node), QString::fromStdString(share.service),
                            share.active, share.idle});
  return out;
}

// What was watched once is not hidden again when one goes back.
void ServicesView::notice() {
  const analysis::Cursor at = m_state.frame().cursor;
  if (at.at < m_seen.at || (at.at == m_seen.at && at.upTo <= m_seen.upTo)) return;
  m_seen = at;
  m_aheadStale = true;
}

// An edit made what came later another story.
void ServicesView::forget() {
  m_seen = {};
  m_aheadStale = true;
  notice();
  refreshSoon();
}

void ServicesView::refreshSoon() {
  if (isVisible() && !m_soon.isActive()) m_soon.start();
}

void ServicesView::refresh() {
  m_soon.stop();
  if (!isVisible()) return;
  QElapsedTimer spent;
  spent.start();
  notice();
  const SimTime end = std::max(m_state.playback().end(), m_seen.at);
  if (m_aheadStale || m_ahead.reports.empty())
    m_ahead = read(SimTime::zero(), std::min(roundSpan(m_seen.at), end), m_seen);
  // Begun anew, a run is known up to there only by and by.
  m_aheadStale = m_state.trace().knownUntil() < m_seen.at;
  ServicesShown shown = m_ahead;
  const analysis::Cursor at = m_state.frame().cursor;
  if (at.at < m_seen.at) backTo(shown, read(m_ahead.from, m_ahead.to, at));
  present(std::move(shown));
  // A long run costs more to read: it is read less often.
  m_soon.setInterval(
      static_cast<int>(std::clamp<qint64>(spent.elapsed() * 5, refreshMs, refreshMsMax)));
}

void ServicesView::present(ServicesShown shown) {
  m_shown = std::move(shown);
  const bool empty = m_shown.reports.empty();
  m_content->setVisible(!empty);
  m_empty->setVisible(empty);
  if (empty) return sayEmpty();
  m_ribbons->setReports(m_shown.reports, m_shown.seen, m_shown.from, m_shown.to);
  const auto chosen = std::find_if(m_shown.reports.begin(), m_shown.reports.end(),
                                   [&](const auto &r) { return r.name == m_service; });
  m_ribbons->setCurrent(
      chosen == m_shown.reports.end() ? 0 : std::size_t(chosen - m_shown.reports.begin()));
  showMoments();
  showService();
}

void ServicesView::showService() {
  const analysis::ServiceReport &report = m_shown.reports[m_ribbons->current()];
  using Ink = FigureCell::Ink;
  const analysis::Availability &a = report.byTime;
  const Ink ink = report.down > Duration()       ? Ink::Bad
                  : report.degraded > Duration() ? Ink::Warn
                                                 : Ink::Good;
  std::vector<FigureCell> cells;
  if (report.isKnown()) {
    cells.push_back({tr("Available"), availabilityWords(a), ink});
    cells.push_back({tr("Of its requests"), formatPercent(report.byRequests.share)});
  } else {
    cells.push_back({tr("Available"), tr("– · no request has ended yet")});
  }
  cells.push_back({tr("Down · degraded"), formatDuration(report.down.ns()) + QStringLiteral(" · ") +
                                              formatDuration(report.degraded.ns())});
  cells.push_back({tr("Requests"), requestWords(report)});
  cells.push_back({tr("p50 · p95 · p99"), percentileWords(report)});
  if (report.isKnown()) { // over the first milliseconds a rate would be anything
    cells.push_back({tr("Asked"), formatPerSecond(report.offeredPerSecond)});
    cells.push_back({tr("Answered"), formatPerSecond(report.servedPerSecond)});
  }
  if (a.share < 1) {
    cells.push_back({tr("Allows a day"), formatDuration(a.perDay.ns())});
    cells.push_back({tr("a week"), formatDuration(a.perWeek.ns())});
    cells.push_back({tr("a month"), formatDuration(a.perMonth.ns())});
    cells.push_back({tr("a year"), formatDuration(a.perYear.ns())});
  }
  const auto lost = std::count_if(m_shown.lost.begin(), m_shown.lost.end(),
                                  [&](const auto &w) { return w.service == report.name; });
  if (lost > 0) cells.push_back({tr("Lost writes"), formatCount(lost), Ink::Bad});
  m_strip->setCells(std::move(cells));
  m_strip->setToolTip(serviceWords(report));

  auto outages = ofService(m_shown.outages, report.name);
  m_noOutage->setVisible(outages.empty());
  m_noOutage->setText(tr("No outage of %1 so far. Crash the machine that serves it, and watch.")
                          .arg(QString::fromStdString(report.name)));
  m_tabs->setText(0, counted(tr("Outages"), outages.size()));
  m_tabs->setText(1, counted(tr("Lost writes"), m_shown.lost.size()));
  m_tabs->setText(2, counted(tr("Machines"),
                             static_cast<std::size_t>(machinePrice(m_shown.machines).machines)));
  m_board->setVisible(!outages.empty());
  m_board->setOutages(std::move(outages));
  m_lost->setWrites(m_shown.lost);
  m_machines->setRows(m_shown.machines);
}

void ServicesView::showMoments() {
  m_ribbons->setMoments(m_state.frame().cursor.at, m_state.pointedTime());
  m_board->setNow(m_state.frame().cursor.at);
}

void ServicesView::sayEmpty() {
  const auto &requests = m_state.chronicle().requests();
  const bool later = !requests.empty();
  m_empty->setSentence(
      later ? tr("Nobody has asked a service yet: the first request comes at %1.")
                  .arg(formatTimeShort(requests.front().startedAt.ns()))
            : tr("Nobody asks a service yet: add clients, tell them what to ask for, and press "
                 "play. Or open an example of the tab Clusters."));
  m_empty->setAction(later ? tr("Go There") : QString());
}

void ServicesView::goToRecord(trace::Sequence record) {
  m_state.playback().seekToRecord(record);
  const Selection packet = m_state.packetOf(record);
  if (!packet.isNone()) return m_state.select(packet);
  const trace::Record *r = m_state.trace().record(record);
  if (r == nullptr) return;
  if (r->hasNode())
    m_state.select(Selection::ofNode(NodeIndex{r->node}));
  else if (r->hasLink())
    m_state.select(Selection::ofLink(LinkIndex{r->link}));
}

// ---- export -----------------------------------------------------------------------------------

std::vector<Figure> ServicesView::exportable() const {
  const SimTime known = std::min(m_state.trace().knownUntil(), m_state.playback().end());
  const analysis::Cursor end{known, m_state.chronicle().seenUpTo()};
  ServicesShown whole = read(SimTime::zero(), known, end);
  std::vector<Figure> out;
  if (whole.reports.empty()) return out;
  const std::string service = m_shown.reports.empty() ? whole.reports.front().name
                                                      : m_shown.reports[m_ribbons->current()].name;
  int number = 1;
  for (analysis::Outage &outage : ofService(whole.outages, service))
    out.push_back(waterfallFigure(std::move(outage), number++));
  out.insert(out.begin(), uptimeFigure(std::move(whole.reports), whole.from, whole.to));
  return out;
}

void ServicesView::openExport() {
  auto *dialog = new ExportDialog(m_state.hub(), exportable(), QStringLiteral("uptime"), window());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->open();
}

// ---- arrangement ------------------------------------------------------------------------------

void ServicesView::arrange() {
  const bool beside = width() >= m_state.typography().px(besideFrom);
  m_halves->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void ServicesView::resizeEvent(QResizeEvent *event) {
  QWidget::resizeEvent(event);
  arrange();
}

void ServicesView::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  refresh(); // what happened behind another tab was not followed
}

QWidget *makeServicesView(ViewState &state, QWidget *parent) {
  return new ServicesView(state, parent);
}

KeyHelpGroup serviceKeys() {
  KeyHelpGroup keys = RibbonCanvas::keyHelp();
  keys.title = ServicesView::tr("In the Services view");
  keys.rows.push_back(
      {ServicesView::tr("Go from step to step of an outage"), {Qt::Key_Up, Qt::Key_Down}, {}});
  keys.rows.push_back({ServicesView::tr("Go to the step's record"), {Qt::Key_Return}, {}});
  return keys;
}

} // namespace packetarium::ui

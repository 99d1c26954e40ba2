// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/charts_view.h"

#include "ui/charts/chart_export.h"
#include "ui/charts/chart_panel.h"
#include "ui/charts/export_dialog.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/icon_button.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>

namespace packetarium::ui {
namespace {

constexpr int refreshMs = 100; // a chart is read, not watched: ten times a second is enough
constexpr double chartWidthMin = 190, chartHeightMin = 112;
constexpr double goodShape = 2.2; // width over height
constexpr Duration recentSpan = Duration::seconds(5);

} // namespace

ChartGrid chartGrid(int charts, double width, double height) {
  ChartGrid best{1, std::max(1, charts)};
  double least = std::numeric_limits<double>::infinity();
  for (int columns = 1; columns <= std::max(1, charts); ++columns) {
    const int rows = (charts + columns - 1) / columns;
    const double w = width / columns, h = height / rows;
    if (columns > 1 && w < chartWidthMin) break;
    // Too low costs most, then a bad shape, then places left empty.
    const double low = h < chartHeightMin ? (chartHeightMin - h) / 8 : 0;
    const double cost =
        low + std::abs(std::log(w / h / goodShape)) + 0.25 * (columns * rows - charts);
    if (cost >= least) continue;
    least = cost;
    best = {columns, rows};
  }
  return best;
}

ChartsView::ChartsView(ViewState &state, QWidget *parent)
    : QWidget(parent),
      m_state(state),
      m_book(new ChartBook(state, this)),
      m_scroll(new QScrollArea(this)),
      m_sheet(new QWidget),
      m_empty(new EmptyState(state.hub(), "chart", {}, this)),
      m_stack(new QStackedLayout) {
  setSurface(*this, Surface::Panel);
  setAccessibleName(tr("Charts"));
  m_scroll->setWidget(m_sheet);
  m_scroll->setFrameShape(QFrame::NoFrame);
  m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_scroll->viewport()->setAutoFillBackground(false);
  m_scroll->viewport()->installEventFilter(this);
  m_sheet->setAutoFillBackground(false);
  m_stack->addWidget(m_scroll);
  m_stack->addWidget(m_empty);
  auto *row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addLayout(m_stack, 1);
  row->addWidget(makeTools());

  m_soon.setSingleShot(true);
  m_soon.setInterval(refreshMs);
  connect(&m_soon, &QTimer::timeout, this, &ChartsView::refresh);
  connect(m_book, &ChartBook::changed, this, &ChartsView::refreshSoon);
  connect(&state, &ViewState::frameChanged, this, [this] {
    showMoments();
    refreshSoon();
  });
  connect(&state, &ViewState::pointedTimeChanged, this, &ChartsView::showMoments);
  connect(&state.hub(), &ThemeHub::changed, this, &ChartsView::arrange);
  refresh();
}

QWidget *ChartsView::makeTools() {
  auto *tools = new QWidget(this);
  auto *column = new QVBoxLayout(tools);
  column->setContentsMargins(4, 4, 6, 4);
  column->setSpacing(2);
  m_recent = new IconButton(m_state.hub(), "clock", tr("The last seconds only"),
                            IconButton::Variant::Flat, tools);
  m_recent->setCheckable(true);
  m_recent->setToolTip(tr("The last 5 seconds only\nElse from the start of the run."));
  m_export = new IconButton(m_state.hub(), "export", tr("Export charts"), IconButton::Variant::Flat,
                            tools);
  m_export->setToolTip(tr("Export charts as PNG, SVG or CSV …"));
  for (IconButton *button : {m_recent, m_export}) {
    button->setEdge(26);
    column->addWidget(button);
  }
  column->addStretch(1);
  connect(m_recent, &IconButton::toggled, this, &ChartsView::refresh);
  connect(m_export, &IconButton::clicked, this, [this] { openExport({}); });
  return tools;
}

// ---- data -------------------------------------------------------------------------------------

std::pair<SimTime, SimTime> ChartsView::span() const {
  const SimTime now = m_state.frame().cursor.at;
  if (m_recent->isChecked() && now - SimTime::zero() > recentSpan) return {now - recentSpan, now};
  return {SimTime::zero(), std::min(roundSpan(now), std::max(m_state.playback().end(), now))};
}

std::vector<ChartData> ChartsView::wholeRun(std::size_t pixels) const {
  const SimTime known = std::min(m_state.trace().knownUntil(), m_state.playback().end());
  if (known <= SimTime::zero()) return {};
  auto charts = m_book->charts(SimTime::zero(), known, known, pixels);
  std::erase_if(charts, [](const ChartData &chart) { return !chart.hasPoints(); });
  return charts;
}

void ChartsView::refreshSoon() {
  if (isVisible() && !m_soon.isActive()) m_soon.start();
}

void ChartsView::refresh() {
  m_soon.stop();
  const auto [from, to] = span();
  const std::size_t pixels = static_cast<std::size_t>(std::max(64, width() / 2));
  auto charts = m_book->charts(from, to, m_state.frame().cursor.at, pixels);
  const bool others = charts.size() != m_panels.size();
  while (m_panels.size() < charts.size()) m_panels.push_back(makePanel());
  for (; m_panels.size() > charts.size(); m_panels.pop_back()) delete m_panels.back();
  for (std::size_t i = 0; i < charts.size(); ++i) m_panels[i]->setData(std::move(charts[i]));
  const bool empty = m_panels.empty();
  m_stack->setCurrentIndex(empty ? 1 : 0);
  if (others) arrange();
  m_export->setEnabled(!empty);
  if (empty)
    m_empty->setSentence(
        m_state.playback().runEnded()
            ? tr("Nothing was measured in this run. Programs that send requests or data give it "
                 "latency and throughput.")
            : tr("Nothing has been measured yet. Press play: latency and throughput appear as "
                 "soon as data flow."));
  showMoments();
}

ChartPanel *ChartsView::makePanel() {
  auto *panel = new ChartPanel(m_state.hub(), m_sheet);
  connect(panel, &ChartPanel::pointed, this, [this](SimTime at) { m_state.pointTo(at); });
  connect(panel, &ChartPanel::pointerLeft, this, [this] { m_state.pointTo(std::nullopt); });
  connect(panel, &ChartPanel::chosen, this, [this](SimTime at) { m_state.playback().seek(at); });
  connect(panel, &ChartPanel::exportWanted, this, [this, panel] { openExport(panel->data().id); });
  panel->show();
  return panel;
}

void ChartsView::showMoments() {
  for (ChartPanel *panel : m_panels)
    panel->setMoments(m_state.frame().cursor.at, m_state.pointedTime());
}

// ---- arrangement ------------------------------------------------------------------------------

void ChartsView::arrange() {
  const Typography &type = m_state.typography();
  const QSize room = m_scroll->viewport()->size(); // its changes lead here again
  const int margin = type.px(12), gapX = type.px(20), gapY = type.px(10);
  const double scale = type.scale();
  const int count = static_cast<int>(m_panels.size());
  if (count == 0) return; // before the run has any figures
  const ChartGrid grid = chartGrid(count, room.width() / scale, room.height() / scale);
  const int innerWidth = room.width() - margin - type.px(4);
  const int rowHeight =
      std::max(static_cast<int>(chartHeightMin * scale),
               (room.height() - type.px(8) - margin / 2 + gapY) / grid.rows - gapY);
  const int columnWidth = (innerWidth + gapX) / grid.columns - gapX;
  const int height = type.px(8) + grid.rows * (rowHeight + gapY) - gapY + margin / 2;
  m_sheet->resize(room.width(), std::max(height, room.height()));
  for (int i = 0; i < count; ++i)
    m_panels[static_cast<std::size_t>(i)]->setGeometry(
        margin + i % grid.columns * (columnWidth + gapX),
        type.px(8) + i / grid.columns * (rowHeight + gapY), columnWidth, rowHeight);
}

void ChartsView::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  refresh();
  arrange();
}

bool ChartsView::eventFilter(QObject *watched, QEvent *event) {
  if (watched == m_scroll->viewport() && event->type() == QEvent::Resize) {
    arrange();
    refreshSoon();
  }
  return QWidget::eventFilter(watched, event);
}

void ChartsView::openExport(const QString &chartId) {
  auto *dialog = new ExportDialog(m_state.hub(), figuresOf(wholeRun(4096)), chartId, window());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->open();
}

QWidget *makeChartsView(ViewState &state, QWidget *parent) { return new ChartsView(state, parent); }

QStringList exportCharts(QWidget *chartsView, const QString &folder, QString *message) {
  auto *view = qobject_cast<ChartsView *>(chartsView);
  const auto charts =
      view != nullptr ? view->wholeRun(slideSize.width()) : std::vector<ChartData>{};
  if (charts.empty()) {
    if (message != nullptr) *message = ChartsView::tr("The run has measured nothing to draw.");
    return {};
  }
  return writeFigures(figuresOf(charts), folder, QStringLiteral("png"), slideSize, Theme::light(),
                      Typography::forSystem(), message);
}

} // namespace packetarium::ui

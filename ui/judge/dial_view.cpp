// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/dial_view.h"

#include "ui/charts/export_dialog.h"
#include "ui/judge/dial_boards.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/clamped_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"

#include <QBoxLayout>
#include <QEvent>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>

#include <algorithm>
#include <utility>

namespace packetarium::ui {
namespace {

constexpr double besideFrom = 860,
                 denseBesideFrom = 680; // px of width, table and axis side by side
constexpr double wordsFrom = 420;       // px of height from which there is room for words below

QString messageOf(const std::vector<Fault> &faults) {
  QStringList lines;
  for (const Fault &fault : faults)
    if (lines.size() < 3) lines << QString::fromStdString(fault.text());
  return lines.join(QLatin1Char('\n'));
}

} // namespace

DialView::DialView(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  setSurface(*this, Surface::Panel);
  setAccessibleName(tr("CAP dial"));
  build();
  connect(&state, &ViewState::documentChanged, this, &DialView::onDocumentChanged);
  connect(&state, &ViewState::frameChanged, this, &DialView::showMoments);
  connect(&state, &ViewState::pointedTimeChanged, this, &DialView::showMoments);
  connect(&state.hub(), &ThemeHub::changed, this, &DialView::arrange);
  refresh();
}

void DialView::build() {
  const ThemeHub &hub = m_state.hub();
  m_empty = new EmptyState(hub, "partition", {}, this);
  m_content = new QWidget(this);
  m_summary = new ElidedLabel(hub, {}, TextRole::Secondary, this);
  m_progress = new QProgressBar(this);
  m_progress->setTextVisible(false);
  m_progress->setFixedWidth(hub.typography().px(140));
  m_progress->setMaximumHeight(hub.typography().px(8));
  m_progress->setAccessibleName(tr("How many runs are done"));
  m_run = new QPushButton(this);
  m_open = new QPushButton(this);
  for (QPushButton *button : {m_run, m_open})
    button->setFocusPolicy(Qt::TabFocus); // the space bar stays with the run after a click
  setButtonRole(*m_run, ButtonRole::Primary);
  m_export =
      new IconButton(hub, "export", tr("Export the CAP dial"), IconButton::Variant::Flat, this);
  m_export->setToolTip(tr("Export the table and the time axis as PNG, SVG or CSV …"));
  m_export->setEdge(26);
  m_table = new DialTable(hub);
  m_axis = new DialAxis(hub);
  m_words = new ClampedLabel(hub, m_content);
  m_words->setMaximumLines(2);
  m_words->setText(dialSentence());

  auto *inside = new QWidget;
  m_halves = new QBoxLayout(QBoxLayout::LeftToRight, inside);
  m_halves->setContentsMargins(0, 0, 0, 4);
  m_halves->setSpacing(4);
  m_halves->addWidget(m_table, 3, Qt::AlignTop);
  m_halves->addWidget(m_axis, 2, Qt::AlignTop);
  m_area = new QScrollArea(m_content);
  m_area->setFrameShape(QFrame::NoFrame);
  m_area->setWidgetResizable(true);
  m_area->setFocusPolicy(Qt::NoFocus);
  m_area->viewport()->setAutoFillBackground(false);
  m_area->setWidget(inside);
  inside->setAutoFillBackground(false);
  m_area->viewport()->installEventFilter(this);
  installEventFilter(this);
  auto *note = new QHBoxLayout;
  note->setContentsMargins(12, 0, 12, 4);
  note->addWidget(m_words);
  auto *inner = new QVBoxLayout(m_content);
  inner->setContentsMargins(0, 0, 0, 0);
  inner->setSpacing(4);
  inner->addWidget(m_area, 1);
  inner->addLayout(note);

  auto *bar = new QHBoxLayout;
  bar->setContentsMargins(12, 6, 8, 0);
  bar->setSpacing(8);
  bar->addWidget(m_summary, 1);
  bar->addWidget(m_progress);
  bar->addWidget(m_open);
  bar->addWidget(m_run);
  bar->addWidget(m_export);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->setSpacing(4);
  whole->addLayout(bar);
  whole->addWidget(m_empty, 1);
  whole->addWidget(m_content, 1);

  connect(m_run, &QPushButton::clicked, this, [this] { isRunning() ? cancel() : start(); });
  connect(m_empty, &EmptyState::actionTriggered, this, &DialView::start);
  connect(m_open, &QPushButton::clicked, this, &DialView::openDesign);
  connect(m_export, &IconButton::clicked, this, &DialView::openExport);
  connect(m_table, &DialTable::currentChanged, this, &DialView::refresh);
  connect(m_axis, &DialAxis::pointed, this, [this](SimTime at) { m_state.pointTo(at); });
  connect(m_axis, &DialAxis::pointerLeft, this, [this] { m_state.pointTo(std::nullopt); });
  connect(m_axis, &DialAxis::chosen, this, [this](SimTime at) { m_state.playback().seek(at); });
}

// ---- running ----------------------------------------------------------------------------------

void DialView::start() {
  m_fault.clear();
  m_basis = m_state.document().snapshot();
  m_outdated = false;
  m_progress->setRange(0, 0);
  m_work.start([this, scenario = m_basis](const std::atomic<bool> &cancelled) {
    experiments::DialOptions options;
    options.cancelled = &cancelled;
    options.progress = [this](std::size_t done, std::size_t of) {
      QMetaObject::invokeMethod(
          this,
          [this, done, of] {
            if (!isRunning()) return;
            m_progress->setRange(0, static_cast<int>(of));
            m_progress->setValue(static_cast<int>(done));
          },
          Qt::QueuedConnection);
    };
    auto result = std::make_shared<Result<std::vector<experiments::DialRow>>>(
        experiments::runDial(*scenario, options));
    return [this, result] { take(std::move(*result)); };
  });
  refresh();
}

void DialView::cancel() {
  m_work.cancel();
  refresh();
}

void DialView::take(Result<std::vector<experiments::DialRow>> result) {
  if (!result) {
    m_rows.clear();
    m_fault = messageOf(result.faults());
  } else {
    m_rows = std::move(result).value();
  }
  present(std::move(m_rows));
}

void DialView::present(std::vector<experiments::DialRow> rows) {
  m_rows = std::move(rows);
  m_table->setRows(m_rows);
  m_axis->setRows(m_rows, end());
  refresh();
  arrange();
}

SimTime DialView::end() const {
  SimTime last = SimTime::zero();
  if (m_basis) last = SimTime::zero() + m_basis->duration;
  for (const auto &row : m_rows)
    for (const auto &spell : row.spells) last = std::max(last, spell.to);
  return last;
}

void DialView::onDocumentChanged(ChangeEvent event) {
  if (std::exchange(m_applying, false)) return refresh();
  const bool other =
      event.opened || event.kind == ChangeKind::Structure || event.kind == ChangeKind::Script;
  if (!other) return;
  if (event.opened) {
    m_work.cancel();
    m_rows.clear();
    m_fault.clear();
    return present({});
  }
  m_outdated = !m_rows.empty();
  refresh();
}

QString DialView::message() const {
  if (isRunning()) return tr("Running each design twice, with the partition and without …");
  if (!m_fault.isEmpty()) return m_fault;
  if (m_rows.empty()) return {};
  if (m_outdated) return tr("The scenario has changed since then: run it again.");
  const auto designs = designsOf(m_rows);
  return m_table->current() < designs.size()
             ? designTitle(designs[m_table->current()]) + QStringLiteral(": ") +
                   designSentence(designs[m_table->current()])
             : QString();
}

void DialView::refresh() {
  const bool running = isRunning(), any = !m_rows.empty();
  m_content->setVisible(any);
  m_empty->setVisible(!any);
  m_progress->setVisible(running);
  m_open->setVisible(any && !running);
  m_export->setVisible(any && !running);
  m_run->setVisible(any || running);
  m_run->setText(running ? tr("Cancel") : tr("Run Again"));
  m_run->setToolTip(running ? tr("Stop the runs") : tr("Run the scenario with each design anew"));
  m_summary->setText(any || running ? message() : QString());
  m_summary->setRole(m_outdated && !running ? TextRole::Warn : TextRole::Secondary);
  if (any) {
    const auto designs = designsOf(m_rows);
    const QString name = designTitle(designs[std::min(m_table->current(), designs.size() - 1)]);
    m_open->setText(tr("Open %1").arg(name));
    m_open->setToolTip(tr("Put this store into the scenario in the place of its own (can be "
                          "undone)"));
    return;
  }
  const QString invitation =
      tr("Run the clients, the seed and the partition of this scenario with four kinds of stores, "
         "and see what each gives up: answers, freshness, or time. It takes a few seconds and "
         "leaves the scenario as it is.");
  const QString fault =
      m_fault.isEmpty()
          ? QString()
          : m_fault + QLatin1Char('\n') +
                tr("It needs a store on three nodes or more, and clients. The example “The CAP "
                   "dial” has them.");
  m_empty->setSentence(running ? message() : fault.isEmpty() ? invitation : fault);
  m_empty->setAction(running ? QString() : tr("Run the CAP Dial"));
}

void DialView::openDesign() {
  const auto designs = designsOf(m_rows);
  if (m_table->current() >= designs.size()) return;
  const auto design = designs[m_table->current()];
  auto exchanged = experiments::withDesign(m_state.scenario(), design);
  if (!exchanged) {
    m_fault = messageOf(exchanged.faults());
    return refresh();
  }
  m_applying = true;
  const Status done = m_state.document().edit(
      tr("Exchange the store for %1").arg(designTitle(design)),
      [wanted = std::move(exchanged).value()](scenario::Scenario &s) { s = wanted; });
  m_applying = false;
  if (!done.ok()) m_fault = messageOf(done.faults());
  refresh();
}

// ---- the rest ---------------------------------------------------------------------------------

void DialView::showMoments() {
  if (isVisible()) m_axis->setMoments(m_state.frame().cursor.at, m_state.pointedTime());
}

std::vector<Figure> DialView::exportable() const {
  return m_rows.empty() ? std::vector<Figure>() : dialFigures(m_rows, end());
}

void DialView::openExport() {
  auto *dialog =
      new ExportDialog(m_state.hub(), exportable(), QStringLiteral("cap-dial-table"), window());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->open();
}

void DialView::arrange() {
  const Typography &type = m_state.typography();
  m_words->setVisible(height() >= type.px(wordsFrom));
  m_summary->setToolTip(m_words->isVisibleTo(this) ? QString() : dialSentence());
  const int room = m_area->viewport()->height() - m_halves->contentsMargins().bottom();
  m_table->setRoom(room);
  const bool dense = m_table->density() == DialDensity::Dense;
  const bool beside = width() >= type.px(dense ? denseBesideFrom : besideFrom);
  m_axis->setRoom(beside ? room : 0);
  m_halves->setStretch(0, dense ? 13 : 3);
  m_halves->setStretch(1, dense ? 7 : 2);
  m_halves->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

bool DialView::eventFilter(QObject *watched, QEvent *event) {
  if (event->type() == QEvent::Resize) arrange();
  return QWidget::eventFilter(watched, event);
}

void DialView::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  showMoments();
}

QWidget *makeDialView(ViewState &state, QWidget *parent) { return new DialView(state, parent); }

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/history_view.h"

#include "core/analysis/explain.h"
#include "ui/charts/export_dialog.h"
#include "ui/document/clips.h"
#include "ui/judge/explain_panel.h"
#include "ui/judge/freshness_panel.h"
#include "ui/judge/history_canvas.h"
#include "ui/judge/verdict_strip.h"
#include "ui/judge/verdict_words.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr auto searchTime = std::chrono::milliseconds(800);
constexpr int explainWidth = 272;
constexpr int lowBelow = 260; // px of height: the promises get one line

QString shown(const std::string &text) { return QString::fromStdString(text); }

std::size_t staleReads(const ServiceJudgement &judged, trace::Sequence upTo) {
  return static_cast<std::size_t>(
      std::count_if(judged.marks.begin(), judged.marks.end(), [&](const analysis::ReadMark &mark) {
        return mark.freshness == analysis::Freshness::Stale &&
               judged.history.operations[mark.operation].returnRecord <= upTo;
      }));
}

} // namespace

HistoryView::HistoryView(ViewState &state, QWidget *parent)
    : QWidget(parent), m_state(state), m_watch(JudgeWatch::of(state)) {
  setSurface(*this, Surface::Panel);
  setAccessibleName(tr("History"));
  build();
  connect(&m_watch, &JudgeWatch::changed, this, &HistoryView::refresh);
  connect(&state, &ViewState::rebuilt, this, &HistoryView::forget);
  connect(&state, &ViewState::truncated, this, &HistoryView::forget);
  connect(&state, &ViewState::documentChanged, this, [this] { m_drawn.reset(), refresh(); });
  connect(&state, &ViewState::frameChanged, this, [this] {
    notice();
    showMoments();
  });
  connect(&state, &ViewState::pointedTimeChanged, this, &HistoryView::showMoments);
  refresh();
}

void HistoryView::build() {
  const ThemeHub &hub = m_state.hub();
  m_empty = new EmptyState(hub, "history", {}, this);
  m_content = new QWidget(this);
  m_tabs = new SegmentedControl(hub, m_content);
  m_tabs->setAccessibleName(tr("What to show of the history"));
  m_tabs->addSegment(tr("Operations"), tr("What each client did, and what it saw"));
  m_tabs->addSegment(tr("Freshness"), tr("How likely a read is fresh, measured and predicted"));
  m_summary = new ElidedLabel(hub, {}, TextRole::Secondary, m_content);
  m_services = new QComboBox(m_content);
  m_services->setAccessibleName(tr("Service"));
  m_services->setToolTip(tr("The service that is judged"));
  m_keys = new QComboBox(m_content);
  m_keys->setAccessibleName(tr("Key"));
  m_keys->setToolTip(tr("Only operations of this key"));
  for (QComboBox *box : {m_services, m_keys}) {
    box->setMinimumWidth(64);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  }
  m_whole = new IconButton(hub, "fit", tr("Whole history"), IconButton::Variant::Flat, m_content);
  m_whole->setToolTip(tr("The whole history (*)"));
  m_export =
      new IconButton(hub, "export", tr("Export the history"), IconButton::Variant::Flat, m_content);
  m_export->setToolTip(tr("Export the history as PNG, SVG or CSV …"));
  for (IconButton *button : {m_whole, m_export}) button->setEdge(26);
  m_strip = new VerdictStrip(hub, m_content);
  m_canvas = new HistoryCanvas(hub, m_content);
  m_explain = new ExplainPanel(hub, m_content);
  m_explain->setFixedWidth(hub.typography().px(explainWidth));
  m_explain->hide();
  m_freshness = new FreshnessPanel(hub, m_content);

  auto *area = new QScrollArea(m_content);
  area->setWidget(m_canvas);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setSurface(*area, Surface::Panel);
  setSurface(*m_canvas, Surface::Panel);
  // What is pinned to the foot is drawn anew wherever the rows are scrolled to.
  connect(area->verticalScrollBar(), &QScrollBar::valueChanged, m_canvas,
          qOverload<>(&QWidget::update));
  m_pages = new QStackedWidget(m_content);
  m_pages->addWidget(area);
  m_pages->addWidget(m_freshness);

  auto *bar = new QHBoxLayout;
  bar->setContentsMargins(12, 6, 8, 0);
  bar->setSpacing(8);
  bar->addWidget(m_tabs);
  bar->addWidget(m_summary, 1);
  bar->addWidget(m_services);
  bar->addWidget(m_keys);
  bar->addWidget(m_whole);
  bar->addWidget(m_export);
  auto *middle = new QHBoxLayout;
  middle->setContentsMargins(0, 0, 0, 0);
  middle->setSpacing(0);
  middle->addWidget(m_pages, 1);
  middle->addWidget(m_explain);
  auto *column = new QVBoxLayout(m_content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(5);
  column->addLayout(bar);
  column->addWidget(m_strip);
  column->addLayout(middle, 1);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(m_empty);
  whole->addWidget(m_content);

  const ThemeHub *themes = &hub;
  connect(themes, &ThemeHub::changed, this,
          [this, themes] { m_explain->setFixedWidth(themes->typography().px(explainWidth)); });
  connect(m_tabs, &SegmentedControl::currentChanged, this, [this](int page) {
    m_pages->setCurrentIndex(page);
    m_explain->setVisible(page == 0 && (m_light || m_operation));
    m_whole->setVisible(page == 0);
    fitStrip();
    m_keys->setVisible(page == 0 && m_keyNames.size() > 1);
  });
  connect(m_services, &QComboBox::activated, this, [this](int index) {
    if (index >= 0 && std::size_t(index) < m_serviceNames.size())
      chooseService(m_serviceNames[std::size_t(index)]);
  });
  connect(m_keys, &QComboBox::activated, this, [this](int index) {
    if (index <= 0) return chooseKey(std::nullopt);
    if (std::size_t(index) <= m_keyNames.size()) chooseKey(m_keyNames[std::size_t(index) - 1]);
  });
  connect(m_whole, &IconButton::clicked, m_canvas, &HistoryCanvas::showAll);
  connect(m_export, &IconButton::clicked, this, &HistoryView::openExport);
  connect(m_strip, &VerdictStrip::chosen, this, &HistoryView::chooseLight);
  connect(m_canvas, &HistoryCanvas::chosen, this, [this](int operation) {
    m_light.reset();
    chooseOperation(operation < 0 ? std::nullopt : std::optional(std::size_t(operation)));
    if (operation >= 0) goTo(std::size_t(operation));
  });
  connect(m_canvas, &HistoryCanvas::goTo, this, [this](int o) { goTo(std::size_t(o)); });
  connect(m_canvas, &HistoryCanvas::timeChosen, this,
          [this](SimTime at) { m_state.playback().seek(at); });
  connect(m_canvas, &HistoryCanvas::pointed, this, [this](SimTime at) { m_state.pointTo(at); });
  connect(m_canvas, &HistoryCanvas::pointerLeft, this, [this] { m_state.pointTo(std::nullopt); });
  connect(m_explain, &ExplainPanel::recordWanted, this,
          [this](quint64 record) { goToRecord(m_state, record); });
  connect(m_explain, &ExplainPanel::closed, this, [this] {
    m_light.reset();
    chooseOperation(std::nullopt);
    m_canvas->setFocus();
  });
  connect(m_empty, &EmptyState::actionTriggered, this, [this] {
    const auto &operations = m_state.facts().of(trace::FactTopic::Operation);
    if (!operations.empty())
      m_state.playback().seekToRecord(m_state.facts().facts()[operations.front()].sequence);
  });
}

void HistoryView::resizeEvent(QResizeEvent *event) {
  fitStrip();
  QWidget::resizeEvent(event);
}

// A low window has one line for the promises, and beside a curve none.
void HistoryView::fitStrip() {
  const bool low = height() < m_state.typography().px(lowBelow);
  m_strip->setOneLine(low);
  m_strip->setVisible(!low || m_tabs->currentIndex() == 0);
}

void HistoryView::setPage(Page page) { m_tabs->setCurrentIndex(static_cast<int>(page)); }

// ---- what is shown ----------------------------------------------------------------------------

const ServiceJudgement *HistoryView::judged() const { return m_watch.known()->find(m_service); }

// What was watched once is not hidden again when one goes back.
void HistoryView::notice() {
  const analysis::Cursor at = m_state.frame().cursor;
  if (at.at < m_seen.at || (at.at == m_seen.at && at.upTo <= m_seen.upTo)) return;
  m_seen = at;
}

void HistoryView::forget() {
  m_seen = {};
  m_light.reset();
  m_operation.reset();
  m_search.cancel();
  m_canvas->setChosen(std::nullopt);
  notice();
  refresh();
}

bool HistoryView::isSettled() const {
  return !m_watch.isBusy() && !m_search.isBusy() && !m_freshness->isPredicting();
}

void HistoryView::refresh() {
  if (!isVisible()) return;
  notice();
  const Judgement &known = *m_watch.known();
  const bool empty = known.services.empty();
  m_content->setVisible(!empty);
  m_empty->setVisible(empty);
  if (empty) return sayEmpty();
  if (m_drawn != m_watch.known()) {
    fillChoices();
    showOperations();
    m_strip->setLights(judged()->lights);
    showFreshness();
    m_drawn = m_watch.known();
    if (m_operation && *m_operation >= judged()->history.operations.size()) m_operation.reset();
    if (m_light && std::size_t(*m_light) >= judged()->lights.size()) m_light.reset();
  }
  showMoments();
  showReason();
}

void HistoryView::showFreshness() {
  const world::Plan &plan = *m_state.built().plan;
  const auto facts = m_watch.known()->facts;
  m_freshness->setJudged(judged(), analysis::quorumDelaysOf(plan, m_service),
                         facts ? analysis::restlessTimes(*facts, plan, m_service)
                               : std::vector<analysis::RestlessTime>{});
}

void HistoryView::fillChoices() {
  const Judgement &known = *m_watch.known();
  std::vector<std::string> names, keys;
  for (const ServiceJudgement &service : known.services) names.push_back(service.service);
  if (std::find(names.begin(), names.end(), m_service) == names.end()) {
    // Rather one that clients have asked than one that only votes.
    const auto asked =
        std::find_if(known.services.begin(), known.services.end(),
                     [](const ServiceJudgement &s) { return !s.history.operations.empty(); });
    m_service = asked == known.services.end() ? names.front() : asked->service;
    m_key.reset();
  }
  for (const auto &[key, operations] : judge::byKey(judged()->history)) keys.push_back(key);
  if (m_key && std::find(keys.begin(), keys.end(), *m_key) == keys.end()) m_key.reset();
  const QSignalBlocker quiet(m_services), still(m_keys);
  if (names != m_serviceNames) {
    m_services->clear();
    for (const std::string &name : names) m_services->addItem(shown(name));
    m_serviceNames = names;
  }
  if (keys != m_keyNames || m_keys->count() == 0) {
    m_keys->clear();
    m_keys->addItem(tr("All keys"));
    for (const std::string &key : keys) m_keys->addItem(key.empty() ? tr("(no key)") : shown(key));
    m_keyNames = keys;
  }
  const auto at = std::find(names.begin(), names.end(), m_service) - names.begin();
  m_services->setCurrentIndex(static_cast<int>(at));
  m_services->setVisible(names.size() > 1);
  const auto key = m_key ? std::find(keys.begin(), keys.end(), *m_key) - keys.begin() + 1 : 0;
  m_keys->setCurrentIndex(static_cast<int>(key));
  m_keys->setVisible(keys.size() > 1 && m_tabs->currentIndex() == 0);
}

std::vector<HistoryBand> HistoryView::bands() const {
  std::vector<HistoryBand> out;
  std::vector<ScriptClip> clips = clipsOf(m_state.scenario());
  while (!clips.empty()) {
    // Cuts that begin and end together are one fault to people.
    std::vector<ScriptClip> together{clips.front()};
    std::vector<ScriptClip> rest;
    for (std::size_t i = 1; i < clips.size(); ++i)
      (belongTogether(clips.front(), clips[i]) ? together : rest).push_back(clips[i]);
    const ScriptClip &first = together.front();
    const bool hard = first.kind == ScriptClip::Kind::Cut || first.kind == ScriptClip::Kind::Crash;
    if (!first.moment)
      out.push_back({first.from, first.to, clipsLabel(m_state.scenario(), together), hard});
    clips = std::move(rest);
  }
  return out;
}

void HistoryView::showOperations() {
  HistoryShown now = historyShown(m_watch.known(), m_service, m_key);
  for (HistoryRow &row : now.rows) {
    const std::uint32_t node = now.judged->history.operations[row.operations.front()].node;
    if (node >= m_state.network().nodes.size()) continue;
    const auto alike = [&](const HistoryRow &other) {
      return now.judged->history.operations[other.operations.front()].node == node;
    };
    const bool alone = std::count_if(now.rows.begin(), now.rows.end(), alike) == 1;
    row.name = alone ? m_state.nodeName(node)
                     : m_state.nodeName(node) + QStringLiteral(" · ") + shown(row.process);
  }
  now.bands = bands();
  m_canvas->setShown(std::move(now), std::max(m_seen.at, SimTime::zero()));
}

void HistoryView::showMoments() {
  if (!isVisible() || judged() == nullptr) return;
  const analysis::Cursor at = m_state.frame().cursor;
  if (m_canvas->axis().end < m_seen.at) m_canvas->setEnd(m_seen.at);
  m_strip->setUpTo(at.upTo);
  m_canvas->setMoments(at.at, std::max<trace::Sequence>(1, m_seen.upTo), m_state.pointedTime());
  tell();
  if (m_light) showReason();
}

void HistoryView::tell() {
  const ServiceJudgement &now = *judged();
  const trace::Sequence upTo = m_state.frame().cursor.upTo;
  const auto done = std::count_if(now.history.operations.begin(), now.history.operations.end(),
                                  [&](const auto &o) { return o.invokeRecord <= upTo; });
  QStringList parts;
  if (m_serviceNames.size() < 2) parts << shown(m_service);
  parts << (done == 1 ? tr("1 operation") : tr("%1 operations").arg(formatCount(done)));
  if (const auto stale = staleReads(now, upTo); stale > 0)
    parts << (stale == 1 ? tr("1 stale read") : tr("%1 stale reads").arg(stale));
  if (m_watch.isBusy()) parts << tr("judging …");
  m_summary->setText(parts.join(QStringLiteral(" · ")));
}

void HistoryView::showReason() {
  const ServiceJudgement *now = judged();
  if (now == nullptr) return m_explain->hide();
  const trace::Sequence upTo = m_state.frame().cursor.upTo;
  m_strip->setChosen(m_light ? std::optional(std::size_t(*m_light)) : std::nullopt);
  if (m_light || m_operation) {
    Explanation why = m_light ? explainLight(*now, std::size_t(*m_light), upTo)
                              : explainOperation(*now, *m_operation, m_canvas->prefix().size(),
                                                 m_search.isBusy());
    if (why.tone == Tone::Bad || why.tone == Tone::Warn) why.story = storyOf(m_story);
    m_explain->explain(std::move(why));
  }
  m_explain->setVisible(m_tabs->currentIndex() == 0 && (m_light || m_operation));
}

void HistoryView::sayEmpty() {
  const auto &operations = m_state.facts().of(trace::FactTopic::Operation);
  const bool later = !operations.empty() && m_state.facts().facts()[operations.front()].sequence >
                                                m_state.frame().cursor.upTo;
  m_empty->setSentence(
      later ? tr("No client has asked a store yet: the first one does at %1.")
                  .arg(formatTimeShort(m_state.facts().facts()[operations.front()].at.ns()))
      : m_watch.isBusy() && !operations.empty()
          ? tr("Judging what clients saw …")
          : tr("No client has asked a store yet. Put a store and clients on the canvas and press "
               "play, or open the example “A stale read explained”."));
  m_empty->setAction(later ? tr("Go There") : QString());
}

// ---- choosing ---------------------------------------------------------------------------------

void HistoryView::chooseService(const std::string &service) {
  if (m_watch.known()->find(service) == nullptr || service == m_service) return;
  m_service = service;
  m_key.reset();
  m_light.reset();
  m_operation.reset();
  m_drawn.reset();
  refresh();
}

void HistoryView::chooseKey(const std::optional<std::string> &key) {
  m_key = key;
  m_drawn.reset();
  refresh();
}

void HistoryView::chooseLight(int index) {
  const ServiceJudgement *now = judged();
  if (now == nullptr || index < 0 || std::size_t(index) >= now->lights.size()) return;
  setPage(Page::Operations);
  const analysis::Light &light = now->lights[std::size_t(index)];
  const bool broken = stateAt(light, m_state.frame().cursor.upTo) == LightState::Broken;
  m_light = index;
  m_operation.reset();
  m_story.clear();
  m_search.cancel();
  if (broken && light.offending) {
    const judge::Operation &o = now->history.operations[*light.offending];
    if (m_key && o.key != *m_key) chooseKey(std::nullopt);
    m_operation = light.offending;
    m_canvas->reveal(o.invoked);
  }
  m_canvas->setChosen(m_operation);
  if (m_operation && !light.contradicts.empty())
    search(*m_operation, light.contradicts.front(), false);
  showReason();
}

void HistoryView::chooseOperation(std::optional<std::size_t> operation) {
  m_light.reset();
  m_operation = operation;
  m_story.clear();
  m_canvas->setChosen(operation);
  m_search.cancel();
  if (operation) {
    const analysis::ReadMark *mark = markOf(*judged(), *operation);
    search(*operation, mark == nullptr ? std::nullopt : mark->missed, true);
  }
  showReason();
}

// How far a legal order with it goes, and what kept a read from seeing what it missed.
void HistoryView::search(std::size_t operation, std::optional<std::size_t> missed, bool prefix) {
  m_search.start([this, operation, missed, prefix, all = m_watch.known(), service = m_service,
                  run = m_state.trace(),
                  plan = m_state.built().plan](const std::atomic<bool> &cancelled) {
    const judge::History &history = all->find(service)->history;
    judge::CheckOptions options;
    options.budget = searchTime;
    options.threads = 1;
    options.cancelled = &cancelled;
    std::vector<std::size_t> order;
    if (prefix) order = judge::longestPrefixWith(history, operation, options);
    std::vector<analysis::WhyStep> story;
    if (missed && all->facts && !cancelled)
      story = analysis::missStory(run, plan->network, *all->facts, history.operations[operation],
                                  history.operations[*missed]);
    return [this, operation, order, story] {
      if (m_operation != operation) return;
      m_canvas->setPrefix(order);
      m_story = story;
      showReason();
    };
  });
}

void HistoryView::goTo(std::size_t operation) {
  const judge::Operation &o = judged()->history.operations[operation];
  goToRecord(m_state, o.returnRecord != 0 ? o.returnRecord : o.invokeRecord);
}

// ---- export -----------------------------------------------------------------------------------

std::vector<Figure> HistoryView::exportable() const {
  std::vector<Figure> out;
  if (judged() == nullptr) return out;
  HistoryShown whole = m_canvas->shown();
  const TimeAxis &axis = m_canvas->axis();
  if (whole.judged != nullptr) out.push_back(historyFigure(std::move(whole), axis.from, axis.to));
  for (Figure &figure : m_freshness->exportable()) out.push_back(std::move(figure));
  return out;
}

void HistoryView::openExport() {
  const QString id =
      m_tabs->currentIndex() == 0 ? QStringLiteral("history") : QStringLiteral("freshness");
  auto *dialog = new ExportDialog(m_state.hub(), exportable(), id, window());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->open();
}

void HistoryView::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  m_drawn.reset();
  refresh(); // what happened behind another tab was not followed
}

QWidget *makeHistoryView(ViewState &state, QWidget *parent) {
  return new HistoryView(state, parent);
}

KeyHelpGroup historyKeys() { return HistoryCanvas::keyHelp(); }

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/judge_watch.h"

#include <algorithm>
#include <utility>

namespace packetarium::ui {
namespace {

constexpr int soonMs = 150, soonMsMax = 8000;
constexpr int restFactor = 4; // it rests so many times as long as it worked
constexpr auto budgetTime = std::chrono::milliseconds(1500);

} // namespace

JudgeWatch &JudgeWatch::of(const ViewState &state) {
  auto *watch = state.findChild<JudgeWatch *>(QString(), Qt::FindDirectChildrenOnly);
  // A child of what it watches, made when somebody first looks.
  if (watch == nullptr) watch = new JudgeWatch(const_cast<ViewState &>(state));
  return *watch;
}

JudgeWatch::JudgeWatch(ViewState &state) : QObject(&state), m_state(state) {
  m_soon.setSingleShot(true);
  m_soon.setInterval(soonMs);
  connect(&m_soon, &QTimer::timeout, this, &JudgeWatch::judge);
  connect(&state, &ViewState::traceGrown, this, &JudgeWatch::judgeSoon);
  connect(&state, &ViewState::rebuilt, this, &JudgeWatch::forget);
  connect(&state, &ViewState::truncated, this, &JudgeWatch::forget);
  judgeSoon();
}

std::size_t JudgeWatch::told() const {
  const analysis::FactBook &facts = m_state.facts();
  const bool any =
      !facts.of(trace::FactTopic::Operation).empty() || !facts.of(trace::FactTopic::Term).empty();
  return any ? facts.facts().size() : 0;
}

bool JudgeWatch::isBusy() const {
  return m_work.isBusy() || m_soon.isActive() || m_stale || told() != m_judged;
}

// An edit made what came later another story: what was judged of it holds no more.
void JudgeWatch::forget() {
  m_work.cancel();
  m_stale = true;
  m_soon.setInterval(soonMs);
  judgeSoon();
}

void JudgeWatch::judgeSoon() {
  if (!m_soon.isActive() && !m_work.isBusy() && (m_stale || told() != m_judged)) m_soon.start();
}

void JudgeWatch::judge() {
  m_judged = told();
  m_stale = false;
  if (m_judged == 0) {
    if (!m_known->services.empty()) m_known = std::make_shared<Judgement>();
    return Q_EMIT changed();
  }
  m_spent.start();
  auto facts = std::make_shared<analysis::FactBook>(m_state.facts());
  const auto copyMs = m_spent.elapsed();
  m_work.start([this, copyMs, facts = std::move(facts),
                plan = m_state.built().plan](const std::atomic<bool> &cancelled) {
    auto found = std::make_shared<Judgement>(
        judgeRun(*facts, plan->network, judge::Budget{budgetTime, &cancelled}));
    found->facts = facts;
    return [this, copyMs, found] {
      m_known = found;
      // What costs the window time is done more seldom still.
      const qint64 rest = std::max(m_spent.elapsed() * restFactor, copyMs * 40);
      m_soon.setInterval(static_cast<int>(std::clamp<qint64>(rest, soonMs, soonMsMax)));
      judgeSoon();
      Q_EMIT changed();
    };
  });
}

void JudgeWatch::present(Judgement judgement) {
  m_work.cancel();
  m_soon.stop();
  m_stale = false;
  m_judged = told();
  m_known = std::make_shared<const Judgement>(std::move(judgement));
  Q_EMIT changed();
}

void goToRecord(ViewState &state, trace::Sequence record) {
  if (record == 0) return;
  state.playback().seekToRecord(record);
  const trace::Record *r = state.trace().record(record);
  if (r == nullptr) return;
  // A client tells what it was answered where the packet with the answer came in.
  const std::uint32_t node = r->node;
  trace::Sequence at = record;
  for (int steps = 0; steps < 6 && at != 0; ++steps) {
    const Selection packet = state.packetOf(at);
    if (!packet.isNone()) return state.select(packet);
    const trace::Record *link = state.trace().record(at);
    if (link == nullptr || link->node != node) break;
    at = link->cause;
  }
  if (r->hasNode())
    state.select(Selection::ofNode(NodeIndex{r->node}));
  else if (r->hasLink())
    state.select(Selection::ofLink(LinkIndex{r->link}));
}

} // namespace packetarium::ui

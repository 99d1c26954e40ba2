// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/presenter.h"

#include "ui/widgets/caption_card.h"

#include <QEvent>

#include <algorithm>

namespace packetarium::ui {
namespace {

/// Bookmarks in order of time.
std::vector<const scenario::Bookmark *> chapters(const scenario::Scenario &scenario) {
  std::vector<const scenario::Bookmark *> all;
  for (const scenario::Bookmark &bookmark : scenario.bookmarks) all.push_back(&bookmark);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto *a, const auto *b) { return a->at < b->at; });
  return all;
}

} // namespace

Presenter::Presenter(ViewState &state, QWidget &stage)
    : QObject(&stage),
      m_state(state),
      m_stage(stage),
      m_caption(new CaptionCard(state.hub(), &stage)) {
  m_caption->setCardWidth(560);
  m_caption->hide();
  stage.installEventFilter(this);
  connect(&state, &ViewState::frameChanged, this, &Presenter::refresh);
  connect(&state, &ViewState::rebuilt, this, &Presenter::refresh);
}

void Presenter::setActive(bool active) {
  m_active = active;
  m_caption->setVisible(active);
  refresh();
}

void Presenter::nextBookmark() { walk(1); }
void Presenter::previousBookmark() { walk(-1); }

void Presenter::walk(int way) {
  const auto all = chapters(m_state.scenario());
  const SimTime now = m_state.now();
  const scenario::Bookmark *goal = nullptr;
  if (way > 0) {
    for (const auto *b : all)
      if (b->at > now && goal == nullptr) goal = b;
  } else {
    for (const auto *b : all)
      if (b->at < now) goal = b;
    if (goal == nullptr) return m_state.playback().seek(SimTime::zero());
  }
  if (goal != nullptr) m_state.playback().seek(goal->at);
}

void Presenter::refresh() {
  if (!m_active) return;
  const scenario::Scenario &scenario = m_state.scenario();
  const SimTime now = m_state.frame().cursor.at;
  const auto all = chapters(scenario);
  const scenario::Bookmark *chapter = nullptr;
  std::size_t number = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i]->at > now) break;
    chapter = all[i];
    number = i + 1;
  }
  const auto phase = m_state.phase();
  const scenario::PhaseStop *step = phase ? &scenario.phases[*phase] : nullptr;
  QString eyebrow = QString::fromStdString(scenario.title);
  QString title = QString::fromStdString(scenario.summary);
  QString text;
  if (step != nullptr) {
    if (step->step > 0)
      eyebrow = tr("Step %1 · %2").arg(step->step).arg(QString::fromStdString(step->stage));
    title = QString::fromStdString(step->title);
    text = QString::fromStdString(step->caption).toHtmlEscaped();
  } else if (chapter != nullptr) {
    eyebrow = tr("%1 of %2").arg(number).arg(all.size());
    title = QString::fromStdString(chapter->title);
    text = QString::fromStdString(chapter->caption).toHtmlEscaped();
  }
  // A bookmark speaks until the story takes its next step.
  const bool atChapter =
      chapter != nullptr && now - chapter->at <= Duration::ms(1) && !chapter->caption.empty();
  if (atChapter) {
    eyebrow = tr("%1 of %2").arg(number).arg(all.size());
    title = QString::fromStdString(chapter->title);
    text = QString::fromStdString(chapter->caption).toHtmlEscaped();
  }
  const QString key = eyebrow + title + text;
  if (m_caption->property("shown").toString() != key) {
    m_caption->setProperty("shown", key);
    m_caption->setEyebrow(eyebrow);
    m_caption->setTitle(title);
    m_caption->setText(text);
  }
  place();
}

void Presenter::place() {
  const QSize size = m_caption->sizeHint();
  m_caption->setGeometry(QRect(
      QPoint((m_stage.width() - size.width()) / 2, m_stage.height() - size.height() - 12), size));
  m_caption->raise();
}

bool Presenter::eventFilter(QObject *watched, QEvent *event) {
  if (watched == &m_stage && event->type() == QEvent::Resize && m_active) place();
  return QObject::eventFilter(watched, event);
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/explain_panel.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr std::size_t jumpsMax = 6;

QString said(const std::string &text) { return withShortDurations(QString::fromStdString(text)); }

// What the record is of, when an operation of the history begins or ends there.
QString nameOfRecord(const ServiceJudgement &judged, trace::Sequence record) {
  for (const judge::Operation &o : judged.history.operations)
    if (o.invokeRecord == record || o.returnRecord == record)
      return QString::fromStdString(judge::text(o));
  return ExplainPanel::tr("record %1").arg(record);
}

} // namespace

Explanation explainLight(const ServiceJudgement &judged, std::size_t index, trace::Sequence upTo) {
  const analysis::Light &light = judged.lights[index];
  const LightState state = stateAt(light, upTo);
  const LightLook look = lookOf(state);
  Explanation out;
  out.title = QString::fromStdString(light.title);
  out.icon = look.icon;
  out.tone = look.tone;
  out.state = state == LightState::Broken
                  ? ExplainPanel::tr("broken since %1").arg(formatTimeShort(light.since.ns()))
                  : look.word;
  out.paragraphs << QString::fromStdString(light.promise);
  if (state == LightState::Kept) {
    out.paragraphs << ExplainPanel::tr("Nothing that clients have seen up to here breaks it.");
    return out;
  }
  if (!light.why.empty()) out.paragraphs << said(light.why);
  if (state != LightState::Broken) return out;
  out.jumps.emplace_back(
      ExplainPanel::tr("Where it broke: %1").arg(nameOfRecord(judged, light.record)), light.record);
  for (const trace::Sequence record : light.against)
    if (out.jumps.size() < jumpsMax && record != 0 && record != light.record)
      out.jumps.emplace_back(ExplainPanel::tr("Against: %1").arg(nameOfRecord(judged, record)),
                             record);
  return out;
}

Explanation explainOperation(const ServiceJudgement &judged, std::size_t index, std::size_t prefix,
                             bool searching) {
  const judge::Operation &o = judged.history.operations[index];
  Explanation out;
  out.title = QString::fromStdString(judge::text(o));
  const auto *mark = markOf(judged, index);
  const bool stale = mark != nullptr && mark->freshness == analysis::Freshness::Stale;
  out.state = mark != nullptr ? freshnessWords(mark) : outcomeWords(o);
  out.icon = stale                               ? "warning"
             : o.outcome == judge::Outcome::Ok   ? "check"
             : o.outcome == judge::Outcome::Fail ? "close"
                                                 : "question";
  out.tone = stale                               ? Tone::Warn
             : o.outcome == judge::Outcome::Ok   ? Tone::Good
             : o.outcome == judge::Outcome::Fail ? Tone::Bad
                                                 : Tone::Neutral;
  const QString from = formatTimeShort(o.invoked.ns());
  out.paragraphs << (o.returned ? ExplainPanel::tr("From %1 to %2, %3.")
                                      .arg(from, formatTimeShort(o.returned->ns()),
                                           formatDuration((*o.returned - o.invoked).ns()))
                                : ExplainPanel::tr("From %1 on: no answer has come.").arg(from));
  if (mark != nullptr && !mark->why.empty()) out.paragraphs << said(mark->why);
  if (mark == nullptr && o.outcome != judge::Outcome::Ok)
    out.paragraphs << outcomeWords(o) + QLatin1Char('.');
  for (const judge::KeyVerdict &verdict : judged.linearizability.keys)
    if (verdict.offending == index && !verdict.why.empty()) out.paragraphs << said(verdict.why);
  if (searching)
    out.paragraphs << ExplainPanel::tr("Looking for the longest legal order that ends with it …");
  else if (prefix > 0)
    out.paragraphs << ExplainPanel::tr(
                          "The line joins the longest legal order that ends with it: %1 of the "
                          "operations of its key, each between its beginning and its end.")
                          .arg(prefix);
  else
    out.paragraphs << ExplainPanel::tr(
        "No legal order ends with it, or the search ended before one was found.");
  out.jumps.emplace_back(ExplainPanel::tr("Where it began"), o.invokeRecord);
  if (o.returnRecord != 0)
    out.jumps.emplace_back(ExplainPanel::tr("Where it returned"), o.returnRecord);
  if (mark != nullptr && mark->missed) {
    const judge::Operation &missed = judged.history.operations[*mark->missed];
    out.jumps.emplace_back(
        ExplainPanel::tr("What it missed: %1").arg(QString::fromStdString(judge::text(missed))),
        missed.returnRecord != 0 ? missed.returnRecord : missed.invokeRecord);
  }
  out.jumps.erase(std::remove_if(out.jumps.begin(), out.jumps.end(),
                                 [](const auto &jump) { return jump.second == 0; }),
                  out.jumps.end());
  return out;
}

std::vector<Explanation::Step> storyOf(const std::vector<analysis::WhyStep> &steps) {
  std::vector<Explanation::Step> out;
  for (const analysis::WhyStep &step : steps)
    out.push_back({step.at, said(step.sentence), step.sequence});
  return out;
}

ExplainPanel::ExplainPanel(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setAccessibleName(tr("Why"));
  m_title = new ElidedLabel(hub, {}, TextRole::Name, this);
  m_close = new IconButton(hub, "close", tr("Close"), IconButton::Variant::Flat, this);
  m_close->setToolTip(tr("Close (Esc)"));
  m_close->setEdge(22);
  connect(m_close, &IconButton::clicked, this, &ExplainPanel::closed);
  auto *head = new QHBoxLayout;
  head->setSpacing(6);
  head->addWidget(m_title, 1);
  head->addWidget(m_close);
  auto *inside = new QWidget;
  inside->setAutoFillBackground(false);
  m_bodyPlace = new QVBoxLayout(inside);
  m_bodyPlace->setContentsMargins(0, 0, 8, 0);
  auto *area = new QScrollArea(this);
  area->setFrameShape(QFrame::NoFrame);
  area->setWidgetResizable(true);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setFocusPolicy(Qt::NoFocus);
  area->viewport()->setAutoFillBackground(false);
  area->setWidget(inside);
  inside->setAutoFillBackground(false);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(13, 2, 6, 4);
  column->setSpacing(4);
  column->addLayout(head);
  column->addWidget(area, 1);
  connect(&hub, &ThemeHub::changed, this, &ExplainPanel::rebuild);
}

void ExplainPanel::explain(Explanation explanation) {
  if (explanation == m_shown) return;
  m_shown = std::move(explanation);
  rebuild();
}

void ExplainPanel::rebuild() {
  m_title->setText(m_shown.title);
  setAccessibleDescription(m_shown.title + QStringLiteral(", ") + m_shown.state +
                           QLatin1Char('\n') + m_shown.paragraphs.join(QLatin1Char('\n')));
  if (m_body != nullptr) {
    m_bodyPlace->removeWidget(m_body);
    m_body->hide();
    m_body->deleteLater();
  }
  m_body = new QWidget;
  auto *column = new QVBoxLayout(m_body);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(5);
  if (!m_shown.icon.empty()) {
    auto *line = new QHBoxLayout;
    line->setSpacing(5);
    const QColor ink = m_shown.tone == Tone::Good   ? m_hub.theme().good
                       : m_shown.tone == Tone::Warn ? m_hub.theme().warn
                       : m_shown.tone == Tone::Bad  ? m_hub.theme().bad
                                                    : m_hub.theme().dim;
    auto *sign = new QLabel(m_body);
    const int side = m_hub.typography().px(13);
    sign->setPixmap(iconPixmap(m_shown.icon, side, devicePixelRatioF(), ink));
    line->addWidget(sign, 0, Qt::AlignTop);
    auto *words = new QLabel(m_shown.state, m_body);
    words->setWordWrap(true);
    setTextRole(*words, m_shown.tone == Tone::Good   ? TextRole::Good
                        : m_shown.tone == Tone::Warn ? TextRole::Warn
                        : m_shown.tone == Tone::Bad  ? TextRole::Bad
                                                     : TextRole::Secondary);
    line->addWidget(words, 1);
    column->addLayout(line);
  }
  for (const QString &paragraph : m_shown.paragraphs) {
    auto *label = new QLabel(paragraph, m_body);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(label);
  }
  for (const auto &[text, record] : m_shown.jumps) {
    auto *go = new QPushButton(m_body);
    go->setFocusPolicy(Qt::TabFocus);
    setButtonRole(*go, ButtonRole::Quiet);
    go->setStyleSheet(QStringLiteral("text-align: left; padding: 2px 6px;"));
    go->setIcon(icon("arrow-right", m_hub.theme(), m_hub.theme().accent));
    go->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    go->setText(text);
    go->setToolTip(tr("Go to that instant: %1").arg(text));
    connect(go, &QPushButton::clicked, this,
            [this, wanted = record] { Q_EMIT recordWanted(wanted); });
    column->addWidget(go);
  }
  if (!m_shown.story.empty()) {
    auto *heading = new QLabel(tr("How it came to that"), m_body);
    setTextRole(*heading, TextRole::Section);
    column->addWidget(heading);
  }
  for (const Explanation::Step &step : m_shown.story) {
    const QString when = formatTimeShort(step.at.ns()).toHtmlEscaped();
    const QString words = step.sentence.toHtmlEscaped();
    auto *line = new QLabel(m_body);
    line->setTextFormat(Qt::RichText);
    line->setWordWrap(true);
    line->setText(
        step.record == 0
            ? when + QStringLiteral(" · ") + words
            : QStringLiteral("<a href=\"%1\">%2</a> · %3").arg(step.record).arg(when, words));
    line->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    connect(line, &QLabel::linkActivated, this,
            [this](const QString &record) { Q_EMIT recordWanted(record.toULongLong()); });
    column->addWidget(line);
  }
  column->addStretch(1);
  m_bodyPlace->addWidget(m_body);
  m_body->show();
}

void ExplainPanel::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setPen(QPen(m_hub.theme().line, 1));
  painter.drawLine(QPointF(0.5, 4), QPointF(0.5, height() - 4));
}

void ExplainPanel::keyPressEvent(QKeyEvent *event) {
  if (event->key() == Qt::Key_Escape) return Q_EMIT closed();
  QWidget::keyPressEvent(event);
}

} // namespace packetarium::ui

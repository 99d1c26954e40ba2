// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/story_panel.h"

#include "core/analysis/steps.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/widgets/labels.h"

#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {

/// One step of the story: number, title, and its caption while it is the present one.
class StepRow : public QWidget {
  Q_OBJECT
public:
  StepRow(const ThemeHub &hub, const scenario::PhaseStop &stop, QWidget *parent)
      : QWidget(parent),
        m_hub(hub),
        m_number(stop.step),
        m_title(QString::fromStdString(stop.title)),
        m_caption(QString::fromStdString(stop.caption)) {
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    setAccessibleName(m_number > 0 ? tr("Step %1: %2").arg(m_number).arg(m_title) : m_title);
    setAccessibleDescription(m_caption);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
  }

  void setState(bool current, bool done, const QString &caption) {
    if (current == m_current && done == m_done && (caption.isEmpty() || caption == m_caption))
      return;
    m_current = current;
    m_done = done;
    if (!caption.isEmpty()) m_caption = caption;
    setFixedHeight(heightForWidth(width()));
    update();
  }

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int wide) const override {
    const Typography &type = m_hub.typography();
    const QRect room(0, 0, textWidth(wide), 4000);
    const auto tallOf = [&](const QFont &font, const QString &words) {
      return QFontMetrics(font, this).boundingRect(room, Qt::TextWordWrap, words).height();
    };
    int tall = tallOf(titleFont(), m_title) + type.px(8);
    if (m_current && !m_caption.isEmpty()) tall += tallOf(type.secondary(), m_caption) + 4;
    return tall;
  }
  QSize sizeHint() const override { return {200, heightForWidth(std::max(width(), 200))}; }

Q_SIGNALS:
  void clicked();

protected:
  /// A scroll area asks nobody for the height that a width needs, so the row takes it by itself.
  void resizeEvent(QResizeEvent *) override { setFixedHeight(heightForWidth(width())); }
  void paintEvent(QPaintEvent *) override {
    const Theme &theme = m_hub.theme();
    const Typography &type = m_hub.typography();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_current || underMouse()) {
      painter.setPen(Qt::NoPen);
      painter.setBrush(m_current ? theme.selection : theme.hover);
      painter.drawRoundedRect(rect().adjusted(0, 1, 0, -1), 6, 6);
    }
    const QFontMetrics title(type.body());
    const double r = type.px(8);
    const QPointF centre(type.px(14), type.px(4) + title.height() / 2.0);
    const QColor ring = m_current ? theme.accent : m_done ? theme.good : theme.faint;
    painter.setPen(QPen(ring, 1.3));
    painter.setBrush(m_current ? QBrush(theme.accent) : QBrush(Qt::NoBrush));
    painter.drawEllipse(centre, r, r);
    painter.setFont(type.tiny());
    painter.setPen(m_current ? theme.onAccent : theme.dim);
    const QRectF mark(centre.x() - r, centre.y() - r, 2 * r, 2 * r);
    if (m_number > 0) painter.drawText(mark, Qt::AlignCenter, QString::number(m_number));
    const int left = textLeft();
    const QRect room(left, type.px(4), textWidth(width()), 4000);
    painter.setFont(titleFont());
    painter.setPen(m_current || m_done ? theme.text : theme.dim);
    QRect used;
    painter.drawText(room, Qt::TextWordWrap, m_title, &used);
    if (m_current && !m_caption.isEmpty()) {
      painter.setFont(type.secondary());
      painter.setPen(theme.dim);
      painter.drawText(room.adjusted(0, used.height() + 2, 0, 0), Qt::TextWordWrap, m_caption);
    }
    if (hasFocus()) {
      painter.setPen(QPen(theme.accent, 1));
      painter.setBrush(Qt::NoBrush);
      painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 1.5, -0.5, -1.5), 6, 6);
    }
  }
  void mouseReleaseEvent(QMouseEvent *event) override {
    if (event->button() == Qt::LeftButton && rect().contains(event->pos())) Q_EMIT clicked();
  }
  void keyPressEvent(QKeyEvent *event) override {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
      Q_EMIT clicked();
    else
      QWidget::keyPressEvent(event);
  }

private:
  int textLeft() const { return m_hub.typography().px(30); }
  /// The same for measuring and for painting, so that both break lines alike.
  int textWidth(int wide) const { return wide - textLeft() - 8; }
  QFont titleFont() const {
    return m_current ? m_hub.typography().name() : m_hub.typography().body();
  }

  const ThemeHub &m_hub;
  std::uint32_t m_number;
  QString m_title, m_caption;
  bool m_current = false;
  bool m_done = false;
};

StoryPanel::StoryPanel(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  setSurface(*this, Surface::Panel);
  auto *outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  auto *scroll = new QScrollArea(this);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto *holder = new QWidget(scroll);
  setSurface(*holder, Surface::Panel);
  m_column = new QVBoxLayout(holder);
  m_column->setContentsMargins(10, 10, 10, 10);
  m_column->addStretch(1);
  scroll->setWidget(holder);
  outer->addWidget(scroll);
  connect(&state, &ViewState::rebuilt, this, &StoryPanel::rebuild);
  connect(&state, &ViewState::frameChanged, this, &StoryPanel::refresh);
  connect(&state.hub(), &ThemeHub::changed, this, [this] {
    m_shownId.clear();
    rebuild();
  });
  rebuild();
}

void StoryPanel::rebuild() {
  const scenario::Scenario &scenario = m_state.scenario();
  const QString id = QString::fromStdString(scenario.id + "/" + scenario.title);
  if (id == m_shownId) return;
  m_shownId = id;
  delete m_content;
  m_steps.clear();
  m_rowOf.clear();
  m_stale = true;
  m_content = new QWidget(this);
  auto *column = new QVBoxLayout(m_content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  m_column->insertWidget(0, m_content);

  const auto text = [&](const QString &words, TextRole role) {
    auto *label = new QLabel(words, m_content);
    label->setWordWrap(true);
    label->setContentsMargins(4, 0, 4, 0);
    setTextRole(*label, role);
    column->addWidget(label);
  };
  text(QString::fromStdString(scenario.title), TextRole::Title);
  column->addSpacing(2);
  text(QString::fromStdString(scenario.summary), TextRole::Secondary);
  QString stage;
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = 0; i < scenario.phases.size(); ++i) {
    const scenario::PhaseStop &stop = scenario.phases[i];
    // A step that is reached in several ways is one row.
    const auto same = std::find(numbers.begin(), numbers.end(), stop.step);
    if (stop.step != 0 && same != numbers.end()) {
      m_rowOf.push_back(static_cast<std::size_t>(same - numbers.begin()));
      continue;
    }
    const QString here = QString::fromStdString(stop.stage);
    if (here != stage || m_steps.empty()) {
      column->addSpacing(10);
      column->addWidget(
          new SectionHeader(m_state.hub(), here.isEmpty() ? tr("Steps") : here, {}, m_content));
      stage = here;
    }
    auto *row = new StepRow(m_state.hub(), stop, m_content);
    row->setToolTip(tr("Go to where this happens"));
    connect(row, &StepRow::clicked, this, [this, i] { goTo(i); });
    column->addWidget(row);
    m_rowOf.push_back(m_steps.size());
    m_steps.push_back(row);
    numbers.push_back(stop.step);
  }
  addLines(tr("Watch"), "eye", scenario.card.watch);
  addLines(tr("Try"), "pointer", scenario.card.tryOut);
  addLines(tr("Notice"), "hint", scenario.card.notice);
  refresh();
}

void StoryPanel::addLines(const QString &title, std::string_view iconName,
                          const std::vector<std::string> &lines) {
  if (lines.empty()) return;
  auto *column = static_cast<QVBoxLayout *>(m_content->layout());
  column->addSpacing(12);
  column->addWidget(new SectionHeader(m_state.hub(), title, {}, m_content));
  for (const std::string &line : lines) {
    auto *row = new QHBoxLayout;
    row->setContentsMargins(4, 2, 4, 2);
    row->setSpacing(8);
    auto *mark = new QLabel(m_content);
    mark->setPixmap(iconPixmap(iconName, m_state.typography().px(14), devicePixelRatioF(),
                               m_state.theme().accent));
    mark->setAlignment(Qt::AlignTop);
    auto *words = new QLabel(QString::fromStdString(line), m_content);
    words->setWordWrap(true);
    row->addWidget(mark, 0, Qt::AlignTop);
    row->addWidget(words, 1);
    column->addLayout(row);
  }
}

void StoryPanel::refresh() {
  const auto phase = m_state.phase();
  if (phase == m_current && !m_stale) return;
  m_stale = false;
  m_current = phase;
  const auto &phases = m_state.scenario().phases;
  const std::size_t row = phase && *phase < m_rowOf.size() ? m_rowOf[*phase] : m_steps.size();
  const std::vector<bool> reached = reachedRows();
  for (std::size_t i = 0; i < m_steps.size(); ++i) {
    const bool current = i == row;
    m_steps[i]->setState(current, reached[i],
                         current ? QString::fromStdString(phases[*phase].caption) : QString());
  }
}

/// The steps that this round of the story has been through. Their order in time need not be that of
/// their numbers.
std::vector<bool> StoryPanel::reachedRows() const {
  std::vector<bool> reached(m_steps.size(), false);
  const auto &marks = m_state.chronicle().phases();
  const auto &stops = m_state.playback().phaseStops();
  const trace::Sequence upTo = m_state.frame().cursor.upTo;
  auto mark = std::upper_bound(marks.begin(), marks.end(), upTo,
                               [](trace::Sequence s, const auto &m) { return s < m.sequence; });
  constexpr int looked = 400;
  for (int i = 0; i < looked && mark != marks.begin(); ++i) {
    --mark;
    const auto stop = analysis::phaseStopOf(m_state.chronicle(), *mark, stops);
    if (!stop || *stop >= m_rowOf.size()) continue;
    reached[m_rowOf[*stop]] = true;
    if (m_rowOf[*stop] == 0) break;
  }
  return reached;
}

/// The next time the step is reached after the cursor, else the first time in the run.
void StoryPanel::goTo(std::size_t phase) {
  const auto &stops = m_state.playback().phaseStops();
  const analysis::PhaseMark *first = nullptr;
  for (const analysis::PhaseMark &mark : m_state.chronicle().phases()) {
    const auto stop = analysis::phaseStopOf(m_state.chronicle(), mark, stops);
    if (!stop || *stop != phase) continue;
    if (first == nullptr) first = &mark;
    if (mark.sequence <= m_state.cursor().upTo) continue;
    first = &mark;
    break;
  }
  if (first == nullptr) return;
  m_state.playback().pause();
  m_state.playback().seekToRecord(first->sequence);
}

} // namespace packetarium::ui

#include "story_panel.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/transport_bar.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/paint.h"
#include "ui/widgets/segmented_control.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr int sliderReach = 40; // notches to either side of the normal pace
constexpr double notchesPerOctave = 10;
constexpr int refreshIntervalMs = 120; // of what need not change with every frame
/// What the middle of the slider means at constant pace.
constexpr double constantMiddle = 0.05;

QString factorText(double factor) {
  return factor >= 1 ? QStringLiteral("×%1").arg(formatNumber(factor))
                     : QStringLiteral("÷%1").arg(formatNumber(1 / factor));
}

/// Looks like a field to search in, with its key; opens the command palette.
class FindButton : public QToolButton {
public:
  FindButton(const ThemeHub &hub, QAction *action, QWidget *parent)
      : QToolButton(parent), m_hub(hub), m_words(TransportBar::tr("Find anything")) {
    setDefaultAction(action);
    setText(m_words);
    setAccessibleName(m_words);
    setObjectName(QStringLiteral("find"));
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  }
  QSize sizeHint() const override {
    const Typography &type = m_hub.typography();
    const int words = QFontMetrics(type.body()).horizontalAdvance(m_words);
    return {words + type.px(30) + type.px(34), type.px(30)};
  }
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent *) override {
    const Theme &theme = m_hub.theme();
    const Typography &type = m_hub.typography();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintFrame(painter, rect(), type.px(6), underMouse() ? theme.hover : theme.well, theme.line);
    const int glyph = type.px(14);
    paintIcon(painter, "search", QRectF(type.px(9), (height() - glyph) / 2.0, glyph, glyph),
              theme.dim);
    painter.setFont(type.body());
    painter.setPen(theme.dim);
    painter.drawText(rect().adjusted(type.px(30), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     m_words);
    const int cap = type.px(18);
    const QRectF key(width() - cap - type.px(7), (height() - cap) / 2.0, cap, cap);
    paintFrame(painter, key, type.px(4), theme.panel, theme.line);
    painter.setFont(type.tiny());
    painter.setPen(theme.dim);
    painter.drawText(key, Qt::AlignCenter, QStringLiteral("/"));
    if (hasFocus()) paintFocusRing(painter, rect(), type.px(6), theme);
  }

private:
  const ThemeHub &m_hub;
  QString m_words;
};

} // namespace

TransportBar::TransportBar(ViewState &state, const Actions &actions, QWidget *parent)
    : QWidget(parent), m_state(state) {
  const ThemeHub &hub = state.hub();
  setObjectName(QStringLiteral("transportBar"));
  setSurface(*this, Surface::Window);

  m_seed = new QToolButton(this);
  m_seed->setObjectName(QStringLiteral("seed"));
  m_seed->setAutoRaise(true);
  m_seed->setToolTip(tr("The seed of the run's random numbers. Click to change it (Ctrl+G)."));
  connect(m_seed, &QToolButton::clicked, this, &TransportBar::seedRequested);

  m_find = new FindButton(hub, actions.find, this);

  const auto button = [&](QAction *action, std::string_view icon, IconButton::Variant variant) {
    auto *made = new IconButton(hub, icon, action->text(), variant, this);
    made->setDefaultAction(action);
    made->setFocusPolicy(Qt::TabFocus);
    return made;
  };
  auto *restart = button(actions.restart, "skip-start", IconButton::Variant::Framed);
  auto *back = button(actions.stepBack, "step-back", IconButton::Variant::Framed);
  m_play = button(actions.play, "play", IconButton::Variant::Primary);
  auto *forward = button(actions.stepForward, "step-forward", IconButton::Variant::Framed);
  m_play->setObjectName(QStringLiteral("play"));

  m_steps = new SegmentedControl(hub, this);
  m_steps->setAccessibleName(tr("Step size"));
  m_steps->addSegment(tr("Event"), tr("Step to the next thing that happens (Alt+1)"));
  m_steps->addSegment(tr("Hop"), tr("Step to the next arrival at the end of a link (Alt+2)"));
  m_steps->addSegment(tr("Message"),
                      tr("Step to the next packet that reaches whom it is for (Alt+3)"));
  m_steps->addSegment(tr("Phase"), tr("Step to the next step of the story (Alt+4)"));
  m_steps->setCurrentIndex(static_cast<int>(analysis::StepSize::Message));

  m_pace = new QToolButton(this);
  m_pace->setObjectName(QStringLiteral("pace"));
  m_pace->setAutoRaise(true);
  m_pace->setPopupMode(QToolButton::InstantPopup);
  m_pace->setAccessibleName(tr("Pace"));
  m_pace->setToolTip(tr("Story: every hop takes a moment one can see, idle time is squeezed.\n"
                        "Constant: the same rate all the time. (+ faster, - slower, 0 normal)"));
  auto *paces = new QMenu(m_pace);
  paces->addAction(tr("Story pace"), this, [this] { choosePace(PaceKind::Story); });
  paces->addAction(tr("Constant pace"), this, [this] { choosePace(PaceKind::Constant); });
  m_pace->setMenu(paces);

  m_slider = new QSlider(Qt::Horizontal, this);
  m_slider->setRange(-sliderReach, sliderReach);
  m_slider->setPageStep(10);
  m_slider->setFocusPolicy(Qt::TabFocus); // the arrows step through time unless one tabs here
  m_slider->setAccessibleName(tr("Speed"));
  m_slider->setToolTip(tr("Slower or faster (- and +; 0 for the normal pace)"));
  m_slider->setMinimumWidth(72);
  m_slider->setMaximumWidth(124);
  m_slider->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(m_slider, &QSlider::valueChanged, this, &TransportBar::onSlider);

  m_rate = new QLabel(this);
  setTextRole(*m_rate, TextRole::Name);
  m_time = new TimeLabel(hub, this);
  m_run = new Pill(hub, {}, Tone::Neutral, {}, this);
  m_faults = new Pill(hub, {}, Tone::Warn, "warning", this);
  m_requests = new Pill(hub, {}, Tone::Good, "check", this);

  auto *row = new QHBoxLayout(this);
  row->setContentsMargins(12, 6, 14, 8);
  row->setSpacing(6);
  row->addWidget(m_seed);
  row->addSpacing(4);
  row->addWidget(m_find);
  row->addSpacing(10);
  for (QWidget *w : {static_cast<QWidget *>(restart), static_cast<QWidget *>(back),
                     static_cast<QWidget *>(m_play), static_cast<QWidget *>(forward)})
    row->addWidget(w);
  row->addSpacing(6);
  row->addWidget(m_steps);
  row->addSpacing(10);
  row->addWidget(m_pace);
  row->addWidget(m_slider);
  m_rateColumn = column(caption(tr("1 s shows")), m_rate);
  m_rateColumn->setMinimumWidth(68);
  row->addSpacing(4);
  row->addWidget(m_rateColumn);
  row->addSpacing(8);
  row->addWidget(column(caption(tr("Time")), m_time));
  row->addStretch(1);
  row->addWidget(m_run);
  row->addWidget(m_faults);
  row->addWidget(m_requests);

  connect(&state.playback(), &Playback::stateChanged, this, &TransportBar::refreshState);
  connect(&state, &ViewState::cursorChanged, this, &TransportBar::refreshTime);
  connect(&state, &ViewState::frameChanged, this, &TransportBar::refreshTime);
  connect(&state, &ViewState::rebuilt, this, &TransportBar::refreshState);
  connect(&state, &ViewState::documentChanged, this, &TransportBar::refreshState);
  m_sinceRefresh.start();
  refreshState();
}

QLabel *TransportBar::caption(const QString &text) {
  auto *label = new QLabel(text, this);
  setTextRole(*label, TextRole::Secondary);
  return label;
}

QWidget *TransportBar::column(QWidget *top, QWidget *bottom) {
  auto *box = new QWidget(this);
  auto *lines = new QVBoxLayout(box);
  lines->setContentsMargins(0, 0, 0, 0);
  lines->setSpacing(1);
  lines->addWidget(top);
  lines->addWidget(bottom);
  return box;
}

analysis::StepSize TransportBar::stepSize() const {
  return static_cast<analysis::StepSize>(std::clamp(m_steps->currentIndex(), 0, 3));
}

void TransportBar::setStepSize(analysis::StepSize size) {
  m_steps->setCurrentIndex(static_cast<int>(size));
}

void TransportBar::nudgePace(int notches) { m_slider->setValue(m_slider->value() + notches * 5); }

void TransportBar::resetPace() { m_slider->setValue(0); }

void TransportBar::onSlider(int value) {
  const double factor = std::exp2(value / notchesPerOctave);
  const PaceKind kind = m_state.playback().paceKind();
  m_state.playback().setPace(kind, kind == PaceKind::Story ? factor : factor * constantMiddle);
}

void TransportBar::choosePace(PaceKind kind) {
  m_state.playback().setPace(kind, kind == PaceKind::Story ? 1 : constantMiddle);
  const QSignalBlocker quiet(m_slider);
  m_slider->setValue(0);
}

void TransportBar::refreshState() {
  const Playback &playback = m_state.playback();
  m_play->setIconName(playback.isPlaying() ? "pause" : playback.atEnd() ? "restart" : "play");
  m_seed->setText(tr("Seed %1").arg(m_state.scenario().seed));
  const bool story = playback.paceKind() == PaceKind::Story;
  const double factor = story ? playback.speed() : playback.speed() / constantMiddle;
  const QString name = story ? tr("Story") : tr("Constant");
  m_pace->setText(std::abs(factor - 1) < 0.01 ? tr("%1 pace").arg(name)
                                              : name + u' ' + factorText(factor));
  m_sinceRefresh.restart();
  refreshPills();
  m_time->setTimeNs(m_state.now().ns());
}

void TransportBar::refreshTime() {
  m_time->setTimeNs(m_state.now().ns());
  if (m_sinceRefresh.elapsed() < refreshIntervalMs && m_state.playback().isPlaying()) return;
  m_sinceRefresh.restart();
  refreshPills();
}

void TransportBar::refreshPills() {
  const Playback &playback = m_state.playback();
  m_rate->setText(formatDuration(static_cast<std::int64_t>(std::min(playback.rate(), 1e6) * 1e9)));
  if (playback.atEnd()) {
    m_run->setText(tr("The run has ended"));
    m_run->setIconName("check");
    m_run->setTone(Tone::Accent);
  } else if (playback.isPending() && playback.now() > m_state.frame().cursor.at) {
    m_run->setText(tr("Computing…"));
    m_run->setIconName("clock");
    m_run->setTone(Tone::Neutral);
  } else {
    m_run->setText(playback.isPlaying() ? tr("Running") : tr("Paused"));
    m_run->setIconName(playback.isPlaying() ? "play" : "pause");
    m_run->setTone(Tone::Neutral);
  }
  const auto faults = static_cast<int>(m_state.frame().faults.size());
  m_faults->setVisible(faults > 0);
  m_faults->setText(faults == 1 ? tr("1 fault") : tr("%1 faults").arg(faults));
  int good = 0;
  int bad = 0;
  for (const analysis::RequestMark &request : m_state.chronicle().requests()) {
    if (request.started > m_state.frame().cursor.upTo) break;
    if (request.open() || request.ended > m_state.frame().cursor.upTo) continue;
    ++(request.outcome == trace::RequestOutcome::Ok ? good : bad);
  }
  m_requests->setTone(bad > 0 ? Tone::Bad : Tone::Good);
  m_requests->setIconName(bad > 0 ? "close" : "check");
  const QString requests = bad > 0     ? tr("%1 of %2 requests failed").arg(bad).arg(good + bad)
                           : good == 1 ? tr("1 request answered")
                                       : tr("%1 requests answered").arg(good);
  m_requests->setText(requests);
  m_requests->setToolTip(requests);
  fit(good + bad > 0, bad > 0 ? tr("%1 failed").arg(bad) : tr("%1 answered").arg(good));
}

// What matters less goes first, so that counts that grow never make the window wider.
void TransportBar::fit(bool anyRequests, const QString &shortRequests) {
  m_seed->show();
  m_find->show();
  m_requests->setVisible(anyRequests);
  const auto fits = [this] {
    layout()->invalidate();
    return layout()->minimumSize().width() <= width();
  };
  if (fits()) return;
  m_seed->hide();
  if (fits()) return;
  m_requests->setText(shortRequests);
  if (fits()) return;
  m_find->hide();
  if (fits()) return;
  m_requests->hide();
}

QSize TransportBar::minimumSizeHint() const {
  return {narrowest, layout()->minimumSize().height()};
}

void TransportBar::resizeEvent(QResizeEvent *event) {
  QWidget::resizeEvent(event);
  refreshPills();
}

} // namespace packetarium::ui

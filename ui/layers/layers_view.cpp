// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/layers/layers_view.h"

#include "core/wire/dissect.h"
#include "ui/layers/journey_words.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/clamped_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/segmented_control.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr double secondsPerStop = 1.6;
constexpr int lowBelow = 225;

/// On the canvas a packet crosses a node in no time at all; here the ends of each link's time are
/// lent to the nodes, so that packing and unpacking can be seen while the packet moves.
analysis::JourneyPosition withPacking(const analysis::Journey &journey,
                                      analysis::JourneyPosition p) {
  using Where = analysis::JourneyPosition::Where;
  if (p.where != Where::OnLink || p.stop + 1 >= journey.stops.size()) return p;
  constexpr double share = 0.3;
  const auto topOf = [&](std::size_t stop) {
    return static_cast<int>(journey.stops[stop].topLayer);
  };
  if (p.linkProgress < share) {
    p.where = Where::InNode;
    p.rising = false;
    const int top = topOf(p.stop);
    p.top = std::clamp(top - static_cast<int>(p.linkProgress / share * top), 1, top);
  } else if (p.linkProgress > 1 - share) {
    p.where = Where::InNode;
    const double up = (p.linkProgress - (1 - share)) / share;
    ++p.stop;
    p.rising = true;
    const int top = topOf(p.stop);
    p.top = std::clamp(1 + static_cast<int>(up * top), 1, top);
  } else {
    p.linkProgress = (p.linkProgress - share) / (1 - 2 * share);
  }
  return p;
}

} // namespace

LayersView::LayersView(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  const ThemeHub &hub = state.hub();
  setSurface(*this, Surface::Panel);
  m_empty = new EmptyState(
      hub, "layers",
      tr("Choose a packet, or press play: the towers show what each layer does to it on its way."),
      this);
  m_content = new QWidget(this);
  m_title = new QLabel(m_content);
  setTextRole(*m_title, TextRole::Name);
  m_sentence = new ClampedLabel(hub, m_content);
  m_play = new IconButton(hub, "play", tr("Play this packet's journey at leisure"),
                          IconButton::Variant::Flat, m_content);
  m_model = new SegmentedControl(hub, m_content);
  m_model->addSegment(tr("OSI 7"), tr("The seven layers of the OSI model"));
  m_model->addSegment(tr("TCP/IP 4"), tr("The four layers of the internet's own model (RFC 1122)"));
  m_model->setAccessibleName(tr("Layer model"));
  m_canvas = new TowersCanvas(state, m_content);
  auto *scroll = new QScrollArea(m_content);
  scroll->setWidget(m_canvas);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);

  auto *bar = new QHBoxLayout;
  bar->addWidget(m_play);
  bar->addWidget(m_title);
  bar->addSpacing(8);
  m_aside = new ClampedLabel(hub, m_content);
  m_aside->setMaximumLines(1);
  bar->addWidget(m_aside, 1);
  bar->addWidget(m_model);
  auto *column = new QVBoxLayout(m_content);
  column->setContentsMargins(12, 4, 12, 4);
  column->setSpacing(4);
  column->addLayout(bar);
  column->addWidget(scroll, 1);
  column->addWidget(m_sentence);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(m_empty);
  whole->addWidget(m_content);

  connect(&state, &ViewState::selectionChanged, this, &LayersView::refresh);
  connect(&state, &ViewState::traceGrown, this, [this] {
    if (!m_journey.complete) refresh();
  });
  connect(&state, &ViewState::truncated, this, [this] {
    m_record = 0;
    refresh();
  });
  connect(&state, &ViewState::rebuilt, this, [this] {
    m_record = 0;
    refresh();
  });
  connect(&state, &ViewState::frameChanged, this, [this] {
    follow();
    place();
  });
  connect(&state, &ViewState::byteRangeChanged, m_canvas, qOverload<>(&QWidget::update));
  connect(&state, &ViewState::layerModelChanged, this, [this] {
    m_model->setCurrentIndex(m_state.layerModel() == analysis::LayerModel::Osi7 ? 0 : 1);
    const trace::Sequence record = m_record;
    m_record = 0;
    show(record);
  });
  connect(m_model, &SegmentedControl::chosen, this, [this](int i) {
    m_state.setLayerModel(i == 0 ? analysis::LayerModel::Osi7 : analysis::LayerModel::TcpIp4);
  });
  connect(&hub, &ThemeHub::changed, m_canvas, qOverload<>(&QWidget::update));
  connect(m_canvas, &TowersCanvas::layerHovered, this, [this](const QString &s, const QString &r) {
    m_hovering = !s.isEmpty();
    if (m_hovering)
      say(s, r);
    else
      place();
  });
  connect(m_play, &IconButton::clicked, this, &LayersView::play);
  connect(&m_animation, &QTimer::timeout, this, &LayersView::tick);
  m_animation.setInterval(16);
  refresh();
}

void LayersView::refresh() {
  const Selection &selection = m_state.selection();
  if (selection.isPacket()) {
    m_animation.stop();
    m_play->setIconName("play");
    if (!m_journey.complete) m_record = 0;
    show(selection.record);
  } else if (m_record == 0) {
    m_journey = {};
    m_canvas->setJourney(nullptr);
    follow();
  }
  const bool any = !m_journey.stops.empty();
  m_empty->setVisible(!any);
  m_content->setVisible(any);
  place();
}

void LayersView::follow() {
  if (m_state.selection().isPacket() || m_animation.isActive() || !isVisible()) return;
  const auto &packets = m_state.frame().packets;
  const auto still = std::any_of(packets.begin(), packets.end(), [&](const auto &p) {
    const wire::Packet *form = m_state.trace().packet(p.packet);
    return form != nullptr && form->origin == m_journey.origin;
  });
  if (still) return;
  // Of what moves now, the latest that is more than link-layer housekeeping.
  const auto interesting = std::find_if(packets.rbegin(), packets.rend(), [](const auto &p) {
    return p.protocol != static_cast<std::uint8_t>(wire::ProtocolClass::Arp);
  });
  if (!packets.empty())
    show(interesting == packets.rend() ? packets.back().sent : interesting->sent);
  else if (m_journey.stops.empty())
    show(lastSent(m_state));
  m_empty->setVisible(m_journey.stops.empty());
  m_content->setVisible(!m_journey.stops.empty());
}

void LayersView::show(trace::Sequence record) {
  if (record == 0 || record == m_record) return;
  m_record = record;
  m_journey = analysis::journeyOf(m_state.trace(), m_state.network(), record, m_state.layerModel());
  m_canvas->setJourney(&m_journey);
  QString title;
  if (!m_journey.stops.empty()) {
    const auto &first = m_journey.stops.front();
    const auto &packet = first.outPacket ? first.outPacket : first.inPacket;
    if (packet) title = QString::fromStdString(wire::shortLabel(*packet)) + QStringLiteral("  ·  ");
    title += tr("%1 to %2").arg(m_state.nodeName(first.node), journeyTarget(m_state, m_journey));
  }
  m_title->setText(title);
  if (m_journey.pendingSlot) m_state.playback().requestSlot(*m_journey.pendingSlot);
}

void LayersView::place() {
  if (m_journey.stops.empty() || m_animation.isActive()) return;
  m_canvas->setPosition(withPacking(m_journey, analysis::positionAt(m_journey, m_state.now())));
  if (!m_hovering) say(sentenceHere(), {});
}

QString LayersView::sentenceHere() const {
  const auto p = analysis::positionAt(m_journey, m_state.now());
  using Where = analysis::JourneyPosition::Where;
  if (p.where == Where::NotYet) return tr("It has not been sent yet.");
  if (p.where == Where::Ended) return QString::fromStdString(m_journey.ending);
  const auto &stop = m_journey.stops[p.stop];
  QString text;
  for (const auto &s : stop.sentences) text += QString::fromStdString(s) + QLatin1Char(' ');
  return text.trimmed();
}

void LayersView::say(const QString &sentence, const QString &reference) {
  m_sentence->setText(sentence, reference);
  const bool low = m_sentence->isHidden();
  m_aside->setText(low ? sentence : QString(), low ? reference : QString());
}

void LayersView::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  refresh(); // what happened behind another tab was not followed
}

/// Where the view is low the sentence stands beside the title, so that the towers stay whole.
void LayersView::resizeEvent(QResizeEvent *event) {
  QWidget::resizeEvent(event);
  const bool low = height() < m_state.typography().px(lowBelow);
  m_sentence->setVisible(!low);
  place();
}

void LayersView::play() {
  if (m_animation.isActive()) {
    m_animation.stop();
    m_play->setIconName("play");
    place();
    return;
  }
  m_elapsed.start();
  m_animation.start();
  m_play->setIconName("pause");
}

void LayersView::tick() {
  const double whole = secondsPerStop * static_cast<double>(m_journey.stops.size());
  const double share = static_cast<double>(m_elapsed.elapsed()) / 1000 / whole;
  if (share >= 1) {
    play();
    return;
  }
  const auto p = analysis::positionAtShare(m_journey, share);
  m_canvas->setPosition(p);
  const auto &sentences = m_journey.stops[p.stop].sentences;
  QString text;
  for (const auto &s : sentences) text += QString::fromStdString(s) + QLatin1Char(' ');
  if (!m_hovering) say(text.trimmed(), {});
}

QWidget *makeLayersView(ViewState &state, QWidget *parent) { return new LayersView(state, parent); }

} // namespace packetarium::ui

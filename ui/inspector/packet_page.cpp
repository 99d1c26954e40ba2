// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/packet_page.h"

#include "core/analysis/delivery.h"
#include "core/analysis/why.h"
#include "ui/inspector/field_model.h"
#include "ui/inspector/hex_view.h"
#include "ui/inspector/tower_pair.h"
#include "ui/layers/journey_words.h"
#include "ui/layers/layer_paint.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/tab_strip.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace packetarium::ui {
namespace {

constexpr int margin = 16;

QScrollArea *scrolled(QWidget *content, QWidget *parent) {
  auto *area = new QScrollArea(parent);
  setSurface(*content, Surface::Panel);
  area->setWidget(content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  return area;
}

QLabel *wrapped(QWidget *parent) {
  auto *label = new QLabel(parent);
  label->setWordWrap(true);
  label->setTextFormat(Qt::RichText);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::LinksAccessibleByMouse |
                                 Qt::LinksAccessibleByKeyboard);
  return label;
}

QString fieldText(const wire::Dissection &d, ByteRange range, const Theme &theme) {
  const wire::Field *f = range.isEmpty() ? nullptr : fieldCovering(d.layers, range.from);
  if (f == nullptr) return {};
  QString text = QStringLiteral("<b>%1</b> &nbsp; %2")
                     .arg(QString::fromStdString(f->name).toHtmlEscaped(),
                          QString::fromStdString(f->value).toHtmlEscaped());
  const QString bytes =
      f->length == 1 ? QObject::tr("byte %1").arg(f->offset)
                     : QObject::tr("bytes %1 to %2").arg(f->offset).arg(f->offset + f->length - 1);
  text += QStringLiteral(" &nbsp; <span style=\"color:%1\">%2</span>").arg(theme.dim.name(), bytes);
  const auto sv = [](std::string_view s) {
    return QString::fromUtf8(s.data(), static_cast<int>(s.size())).toHtmlEscaped();
  };
  if (!f->help.empty() || !f->rfc.empty())
    text +=
        QStringLiteral("<br><span style=\"color:%1\">%2</span> <span style=\"color:%3\">%4</span>")
            .arg(theme.dim.name(), sv(f->help), theme.accent.name(), sv(f->rfc));
  return text;
}

} // namespace

PacketPage::PacketPage(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  m_tabs = new TabStrip(state.hub(), this);
  for (const QString &name : {tr("Layers"), tr("Bytes"), tr("Why")}) m_tabs->addTab(name);
  m_pages = new QStackedWidget(this);
  m_pages->addWidget(makeLayersTab());
  m_pages->addWidget(makeBytesTab());
  m_pages->addWidget(makeWhyTab());
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(makeHead());
  column->addWidget(m_tabs);
  column->addWidget(m_pages, 1);

  connect(m_tabs, &QTabBar::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
  connect(m_tabs, &QTabBar::currentChanged, this, [this](int i) {
    if (i == 2) showWhy();
  });
  connect(&state, &ViewState::selectionChanged, this, &PacketPage::refresh);
  connect(&state, &ViewState::layerModelChanged, this, [this] {
    const trace::Sequence record = std::exchange(m_record, 0);
    load(record);
  });
  connect(&state, &ViewState::rebuilt, this, [this] { load(0); });
  connect(&state, &ViewState::truncated, this, [this](quint64 from) {
    if (m_record >= from || m_journey.lastRecord >= from) load(0);
    refresh();
  });
  connect(&state, &ViewState::traceGrown, this, [this] {
    if (m_journey.complete || m_record == 0) return;
    const trace::Sequence record = std::exchange(m_record, 0);
    load(record);
  });
  connect(&state, &ViewState::frameChanged, this, &PacketPage::follow);
  connect(&state, &ViewState::byteRangeChanged, this, &PacketPage::showField);
  connect(&state.hub(), &ThemeHub::changed, this, [this] {
    showField();
    showStop();
    showWhy();
  });
}

QWidget *PacketPage::makeHead() {
  auto *head = new QWidget(this);
  m_title = new ElidedLabel(m_state.hub(), {}, TextRole::Title, head);
  m_subtitle = wrapped(head);
  setTextRole(*m_subtitle, TextRole::Secondary);
  m_pill = new Pill(m_state.hub(), {}, Tone::Accent, {}, head);
  m_pill->setVariant(Pill::Variant::Tint);
  m_before = new IconButton(m_state.hub(), "chevron-left", tr("One device back along its way"),
                            IconButton::Variant::Flat, head);
  m_after = new IconButton(m_state.hub(), "chevron-right", tr("One device on along its way"),
                           IconButton::Variant::Flat, head);
  m_before->setEdge(24);
  m_after->setEdge(24);
  connect(m_before, &IconButton::clicked, this, [this] {
    if (m_stop > 0) goToStop(m_stop - 1);
  });
  connect(m_after, &IconButton::clicked, this, [this] { goToStop(m_stop + 1); });
  auto *row = new QHBoxLayout;
  row->addWidget(m_title, 1);
  row->addWidget(m_pill);
  auto *second = new QHBoxLayout;
  second->addWidget(m_subtitle, 1);
  second->addWidget(m_before, 0, Qt::AlignTop);
  second->addWidget(m_after, 0, Qt::AlignTop);
  auto *column = new QVBoxLayout(head);
  column->setContentsMargins(margin, 12, margin, 4);
  column->setSpacing(4);
  column->addLayout(row);
  column->addLayout(second);
  return head;
}

QWidget *PacketPage::makeLayersTab() {
  auto *content = new QWidget(this);
  m_towers = new TowerPair(m_state, content);
  m_sentence = wrapped(content);
  auto *bytes = new SectionHeader(m_state.hub(), tr("Bytes"), {}, content);
  m_hex = new HexView(m_state, content);
  m_field = wrapped(content);
  auto *column = new QVBoxLayout(content);
  column->setContentsMargins(margin, 8, margin, margin);
  column->setSpacing(8);
  column->addWidget(m_towers);
  column->addWidget(m_sentence);
  column->addWidget(bytes);
  column->addWidget(m_field);
  column->addWidget(m_hex);
  column->addStretch(1);
  connect(m_towers, &TowerPair::storyHovered, this, &PacketPage::tell);
  return scrolled(content, this);
}

QWidget *PacketPage::makeBytesTab() {
  auto *splitter = new QSplitter(Qt::Vertical, this);
  m_fields = new FieldModel(m_state.hub(), this);
  m_tree = new QTreeView(splitter);
  m_tree->setModel(m_fields);
  m_tree->setUniformRowHeights(true);
  m_tree->setFrameShape(QFrame::NoFrame);
  m_tree->header()->setStretchLastSection(true);
  m_tree->setAccessibleName(tr("Fields of the packet"));
  connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this,
          [this](const QModelIndex &current) {
            if (const wire::Field *f = m_fields->field(current))
              m_state.setByteRange({f->offset, f->offset + f->length});
          });
  auto *below = new QWidget(splitter);
  m_fieldBelow = wrapped(below);
  m_fullHex = new HexView(m_state, below);
  auto *column = new QVBoxLayout(below);
  column->setContentsMargins(margin, 8, margin, margin);
  column->addWidget(m_fieldBelow);
  column->addWidget(m_fullHex);
  column->addStretch(1);
  splitter->addWidget(m_tree);
  splitter->addWidget(scrolled(below, splitter));
  splitter->setChildrenCollapsible(false);
  splitter->setHandleWidth(1);
  // The bytes of a few headers are in sight without scrolling.
  splitter->setSizes({550, 450});
  return splitter;
}

QWidget *PacketPage::makeWhyTab() {
  auto *content = new QWidget(this);
  m_why = wrapped(content);
  m_why->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  connect(m_why, &QLabel::linkActivated, this,
          [this](const QString &link) { m_state.playback().seekToRecord(link.toULongLong()); });
  auto *column = new QVBoxLayout(content);
  column->setContentsMargins(margin, 12, margin, margin);
  column->addWidget(m_why);
  column->addStretch(1);
  return scrolled(content, this);
}

void PacketPage::refresh() {
  const Selection &selection = m_state.selection();
  if (selection.isPacket())
    load(selection.record);
  else if (selection.isNone())
    followLatest();
}

void PacketPage::load(trace::Sequence record) {
  if (record == m_record) return;
  const PacketId shown = m_journey.origin;
  const bool wasEmpty = isEmpty();
  m_record = record;
  m_journey = record == 0 ? analysis::Journey{}
                          : analysis::journeyOf(m_state.trace(), m_state.network(), record,
                                                m_state.layerModel());
  if (m_journey.pendingSlot) m_state.playback().requestSlot(*m_journey.pendingSlot);
  if (m_journey.origin != shown) m_pinned = false;
  m_stop = 0;
  for (std::size_t i = 0; i < m_journey.stops.size(); ++i)
    if (m_journey.stops[i].out == record || m_journey.stops[i].in == record) m_stop = i;
  showStop();
  if (m_tabs->currentIndex() == 2) showWhy();
  if (isEmpty() != wasEmpty) Q_EMIT emptyChanged();
}

void PacketPage::follow() {
  if (m_state.selection().isNone()) followLatest();
  if (m_pinned || !isVisible() || isEmpty()) return;
  if (!m_state.selection().isNone() && !m_state.playback().isPlaying()) return;
  const auto p = analysis::positionAt(m_journey, m_state.now());
  using Where = analysis::JourneyPosition::Where;
  if (p.where == Where::NotYet) return;
  const std::size_t stop = std::min(p.stop, m_journey.stops.size() - 1);
  if (stop == m_stop) return;
  m_stop = stop;
  showStop();
}

void PacketPage::followLatest() {
  const auto &packets = m_state.frame().packets;
  if (m_pinned) return;
  if (packets.empty()) { // what was there last stays to be looked at
    if (isEmpty()) load(lastSent(m_state));
    return;
  }
  const auto isShown = [this](const analysis::PacketView &p) {
    const wire::Packet *form = m_state.trace().packet(p.packet);
    return form != nullptr && form->origin == m_journey.origin;
  };
  if (std::any_of(packets.begin(), packets.end(), isShown)) return;
  load(packets.back().sent);
}

void PacketPage::goToStop(std::size_t stop) {
  if (stop >= m_journey.stops.size()) return;
  m_pinned = true;
  m_stop = stop;
  showStop();
}

void PacketPage::showStop() {
  if (m_journey.stops.empty()) {
    m_towers->setStop(nullptr);
    return;
  }
  const auto &stop = m_journey.stops[m_stop];
  const auto &packet = stop.outPacket ? stop.outPacket : stop.inPacket;
  m_towers->setStop(&stop);
  m_before->setEnabled(m_stop > 0);
  m_after->setEnabled(m_stop + 1 < m_journey.stops.size());
  if (!packet) return;
  const auto summary = wire::summarise(*packet);
  m_title->setText(QString::fromStdString(summary.label));
  m_pill->setText(protocolClassName(static_cast<std::uint8_t>(packet->protocol)));
  const auto protocol = static_cast<std::uint8_t>(packet->protocol);
  m_pill->setHue([protocol](const Theme &t) { return protocolClassColour(t, protocol); });
  m_subtitle->setText(
      tr("%1 → %2 · device %3 of %4: %5 · %6")
          .arg(m_state.nodeName(m_journey.stops.front().node), journeyTarget(m_state, m_journey))
          .arg(m_stop + 1)
          .arg(m_journey.stops.size())
          .arg(m_state.nodeName(stop.node), formatBytes(packet->frameBytes)));
  tell(nullptr);
  showBytes();
}

void PacketPage::tell(const analysis::LayerStory *story) {
  QString text;
  // A layer without a part in this packet has nothing to say; then the whole story stays.
  const bool speaks = story != nullptr && !(story->sentence.empty() && story->summary.empty());
  if (speaks) {
    text = QString::fromStdString(story->sentence.empty() ? story->summary : story->sentence)
               .toHtmlEscaped();
    if (!story->reference.empty())
      text += QStringLiteral("<br><span style=\"color:%1\">%2</span>")
                  .arg(m_state.theme().accent.name(), QString::fromStdString(story->reference));
  } else if (m_stop < m_journey.stops.size()) {
    const auto &sentences = m_journey.stops[m_stop].sentences;
    for (const auto &s : sentences)
      text += QString::fromStdString(s).toHtmlEscaped() + QLatin1Char(' ');
    // The stop at which it was lost tells so itself.
    const bool told = !sentences.empty() && sentences.back() == m_journey.ending;
    if (m_stop + 1 == m_journey.stops.size() && !m_journey.ending.empty() && !told)
      text += QString::fromStdString(m_journey.ending).toHtmlEscaped();
  }
  m_sentence->setText(text);
}

void PacketPage::showBytes() {
  const auto &stop = m_journey.stops[m_stop];
  const auto &packet = stop.outPacket ? stop.outPacket : stop.inPacket;
  m_dissection = wire::dissect(*packet);
  m_hex->setDissection(m_dissection);
  m_fullHex->setDissection(m_dissection);
  m_fields->setFields(m_dissection.layers);
  m_tree->expandToDepth(0);
  m_tree->setColumnWidth(0, m_state.typography().px(170));
  showField();
}

void PacketPage::showField() {
  const QString text = fieldText(m_dissection, m_state.byteRange(), m_state.theme());
  const QString hint =
      QStringLiteral("<span style=\"color:%1\">%2</span>")
          .arg(m_state.theme().dim.name(), tr("Point at a byte or a layer to see what it means."));
  m_field->setText(text.isEmpty() ? hint : text);
  m_fieldBelow->setText(text.isEmpty() ? hint : text);
  const ByteRange range = m_state.byteRange();
  if (range.isEmpty() || m_tree->hasFocus()) return;
  const QModelIndex index = m_fields->indexCovering(range.from, range.to);
  if (!index.isValid()) return;
  const QSignalBlocker quiet(m_tree->selectionModel());
  m_tree->setCurrentIndex(index);
  m_tree->scrollTo(index);
}

void PacketPage::showWhy() {
  if (m_journey.stops.empty()) return;
  // Of a lost packet one wants to know why it was lost; of any other, why it was sent.
  trace::Sequence about = m_journey.lost ? m_journey.lastRecord : m_journey.stops.front().out;
  if (about == 0) about = m_record;
  const auto why = analysis::whyOf(m_state.trace(), m_state.network(), about);
  if (why.pendingSlot) m_state.playback().requestSlot(*why.pendingSlot);
  const Theme &theme = m_state.theme();
  QString text = QStringLiteral("<b>%1</b><p>%2</p>")
                     .arg(QString::fromStdString(why.question).toHtmlEscaped(),
                          QString::fromStdString(why.answer).toHtmlEscaped());
  for (const auto &step : why.chain)
    text +=
        QStringLiteral("<p style=\"margin-top:6px\"><a style=\"color:%1; text-decoration:none\" "
                       "href=\"%2\">%3</a><br>%4</p>")
            .arg(theme.accent.name())
            .arg(step.sequence)
            .arg(formatTime(step.at.ns()), QString::fromStdString(step.sentence).toHtmlEscaped());
  m_why->setText(text);
}

} // namespace packetarium::ui

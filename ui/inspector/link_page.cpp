// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/link_page.h"

#include "ui/document/faults.h"
#include "ui/forms/property_form.h"
#include "ui/inspector/conditions_form.h"
#include "ui/inspector/fault_rows.h"
#include "ui/inspector/tap_view.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/rows.h"
#include "ui/widgets/tab_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {
constexpr int margin = 16;
}

LinkPage::LinkPage(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  const ThemeHub &hub = state.hub();
  auto *content = new QWidget(this);
  setSurface(*content, Surface::Panel);
  m_title = new ElidedLabel(hub, {}, TextRole::Title, content);
  m_pill = new Pill(hub, {}, Tone::Good, {}, content);
  m_subtitle = new QLabel(content);
  m_subtitle->setWordWrap(true);
  setTextRole(*m_subtitle, TextRole::Secondary);
  m_cut = new QPushButton(content);
  m_cut->setFocusPolicy(Qt::TabFocus); // the space bar stays with the run after a click
  m_error = new QLabel(content);
  m_error->setWordWrap(true);
  m_error->hide();
  setTextRole(*m_error, TextRole::Bad);
  m_tabs = new TabStrip(hub, content);
  m_tabs->addTab(tr("Link"));
  m_tabs->addTab(tr("Eavesdropper"));
  m_tabs->setTabToolTip(0, tr("Conditions, faults and use"));
  m_tabs->setTabToolTip(1, tr("What an eavesdropper sees here"));
  m_tabs->setAccessibleName(tr("Parts of the page"));
  m_plain = new QWidget(content);
  m_tap = new TapView(state, content);
  m_tap->hide();
  m_conditions = new ConditionsForm(state, m_plain);
  m_faults = new FaultRows(state, m_plain);
  auto *head = new QHBoxLayout;
  head->addWidget(m_title, 1);
  head->addWidget(m_pill);
  auto *buttons = new QHBoxLayout;
  buttons->addWidget(m_cut);
  buttons->addStretch(1);
  auto *column = new QVBoxLayout(content);
  column->setContentsMargins(margin, 12, margin, margin);
  column->setSpacing(8);
  column->addLayout(head);
  column->addWidget(m_subtitle);
  column->addLayout(buttons);
  column->addWidget(m_error);
  column->addWidget(m_tabs);
  column->addWidget(m_tap);
  column->addWidget(m_plain);
  auto *plain = new QVBoxLayout(m_plain);
  plain->setContentsMargins(0, 0, 0, 0);
  plain->setSpacing(8);
  plain->addWidget(m_conditions);
  plain->addWidget(m_faults);
  const auto row = [&](const QString &key, const QString &help) {
    auto *r = new KeyValueRow(hub, key, {}, {}, m_plain);
    r->setToolTip(help);
    plain->addWidget(r);
    return r;
  };
  for (int end = 0; end < 2; ++end) {
    Direction d;
    d.head = new SectionHeader(hub, {}, {}, m_plain);
    plain->addSpacing(4);
    plain->addWidget(d.head);
    d.use = row(tr("Use"), tr("Share of the recent past in which it was sending"));
    d.waiting = row(tr("Waiting"), tr("Frames in the queue in front of it"));
    d.flying = row(tr("On the wire"), tr("Frames being sent or under way"));
    m_directions.push_back(d);
  }
  column->addStretch(1);
  auto *area = new QScrollArea(this);
  area->setWidget(content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(area);

  connect(m_cut, &QPushButton::clicked, this, [this] {
    using Kind = scenario::ScriptEntry::Kind;
    const scenario::Link *link = m_state.documentLink(m_link.value);
    if (link == nullptr) return;
    const bool up = m_state.frame().links.at(m_link.value).up;
    const Status status = applyFault(
        m_state.document(), {up ? Kind::CutLink : Kind::RestoreLink, link->id, 0, m_state.now()});
    m_error->setText(sentenceOf(status));
    m_error->setVisible(!status.ok());
  });
  connect(m_tabs, &QTabBar::currentChanged, this, [this](int tab) {
    m_plain->setVisible(tab == 0);
    m_tap->setVisible(tab == 1);
  });
  connect(&state, &ViewState::selectionChanged, this, &LinkPage::refresh);
  connect(&state, &ViewState::rebuilt, this, &LinkPage::refresh);
  connect(&state, &ViewState::frameChanged, this, &LinkPage::showFrame);
}

void LinkPage::showTap(bool on) { m_tabs->setCurrentIndex(on ? 1 : 0); }

void LinkPage::refresh() {
  if (m_state.selection().kind != Selection::Kind::Link) return;
  m_link = m_state.selection().link;
  const std::string &id = m_state.network().links[m_link.value].id;
  m_title->setText(m_state.linkName(m_link.value));
  m_tap->setLink(m_link);
  m_conditions->present({id});
  m_faults->present(id);
  const auto &ends = m_state.network().links[m_link.value].ends;
  const auto interface = [&](std::size_t e) {
    const auto &node = m_state.network().nodes[ends[e].node.value];
    return QStringLiteral("%1 %2").arg(
        m_state.nodeName(ends[e].node.value),
        QString::fromStdString(node.interfaces[ends[e].interface].name));
  };
  m_subtitle->setText(tr("Link between %1 and %2").arg(interface(0), interface(1)));
  for (std::size_t e = 0; e < 2; ++e)
    m_directions[e].head->setTitle(
        tr("%1 to %2")
            .arg(m_state.nodeName(ends[e].node.value), m_state.nodeName(ends[1 - e].node.value)));
  showFrame();
}

void LinkPage::showFrame() {
  const auto &links = m_state.frame().links;
  if (m_state.selection().kind != Selection::Kind::Link || m_link.value >= links.size()) return;
  const auto &link = links[m_link.value];
  m_pill->setText(link.up ? tr("up") : tr("cut"));
  m_pill->setTone(link.up ? Tone::Good : Tone::Bad);
  m_cut->setText(link.up ? tr("Cut this cable") : tr("Restore this cable"));
  m_cut->setToolTip(link.up ? tr("What waits and what is under way is lost  (F)")
                            : tr("Plug it in again  (F)"));
  for (std::size_t e = 0; e < 2; ++e) {
    const auto &d = link.directions[e];
    m_directions[e].use->setValue(QStringLiteral("%1 · %2").arg(formatPercent(d.utilisation),
                                                                formatBitRate(d.throughputBps)));
    m_directions[e].waiting->setValue(QString::number(d.queued));
    m_directions[e].flying->setValue(QString::number(d.inFlight));
  }
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secure/security_view.h"

#include "ui/secure/security_words.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

namespace packetarium::ui {
namespace {

constexpr trace::Sequence allOfIt = std::numeric_limits<trace::Sequence>::max();
/// Connections to choose from; the newest ones.
constexpr std::size_t listedMax = 100;

Tone toneOf(SecurityState::Kind kind) {
  using Kind = SecurityState::Kind;
  switch (kind) {
  case Kind::Established: return Tone::Good;
  case Kind::Read:
  case Kind::Failed: return Tone::Bad;
  case Kind::Handshake: return Tone::Accent;
  case Kind::Begun:
  case Kind::Closed: break;
  }
  return Tone::Neutral;
}

} // namespace

SecurityView::SecurityView(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  const ThemeHub &hub = state.hub();
  setSurface(*this, Surface::Panel);
  setAccessibleName(tr("Security"));
  m_empty = new EmptyState(hub, "lock", {}, this);
  m_content = new QWidget(this);
  m_choice = new QComboBox(m_content);
  m_choice->setAccessibleName(tr("Connection"));
  m_choice->setToolTip(tr("The TLS connection that is shown"));
  m_choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  m_choice->setMinimumContentsLength(24);
  m_choice->setMinimumWidth(56); // the window may be narrow; the list is as wide as it needs
  m_statePill = new Pill(hub, {}, Tone::Neutral, "lock", m_content);
  m_statePill->setVariant(Pill::Variant::Tint);
  m_summary = new ElidedLabel(hub, {}, TextRole::Secondary, m_content);
  m_tabs = new SegmentedControl(hub, m_content);
  m_tabs->setAccessibleName(tr("What to show of the connection"));
  m_tabs->addSegment(tr("Steps"), tr("The steps as courses tell them, in their true order"));
  m_tabs->addSegment(tr("Handshake"), tr("The messages, and which key each travels under"));
  m_tabs->addSegment(tr("Keys"), tr("The schedule of keys, from the first secret to the last"));
  m_tabs->addSegment(tr("Negotiation"), tr("What the client offers and what the server chose"));
  m_tabs->addSegment(tr("Certificate"), tr("The chain, and how each check went"));
  m_steps = new StepsPage(state, m_content);
  m_handshake = new HandshakePage(state, m_content);
  m_keys = new KeysPage(state, m_content);
  m_negotiation = new NegotiationPage(state, m_content);
  m_certificate = new CertificatePage(state, m_content);
  m_pages = new QStackedWidget(m_content);
  for (QWidget *page :
       std::initializer_list<QWidget *>{m_steps, m_handshake, m_keys, m_negotiation, m_certificate})
    m_pages->addWidget(page);

  auto *bar = new QHBoxLayout;
  bar->setSpacing(8);
  bar->addWidget(m_tabs);
  bar->addWidget(m_statePill);
  bar->addStretch(1);
  bar->addWidget(m_choice);
  auto *column = new QVBoxLayout(m_content);
  column->setContentsMargins(12, 6, 12, 4);
  column->setSpacing(3);
  column->addLayout(bar);
  column->addWidget(m_summary);
  column->addWidget(m_pages, 1);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(m_empty);
  whole->addWidget(m_content);

  const auto anew = [this] {
    ++m_edits;
    m_chosen.reset();
    refresh();
  };
  connect(&state, &ViewState::selectionChanged, this, anew);
  connect(&state, &ViewState::rebuilt, this, anew);
  connect(&state, &ViewState::truncated, this, anew);
  connect(&state, &ViewState::traceGrown, this, &SecurityView::refresh);
  connect(&state, &ViewState::cursorChanged, this, &SecurityView::refresh);
  connect(&state, &ViewState::frameChanged, this, &SecurityView::refresh);
  connect(m_tabs, &SegmentedControl::currentChanged, this, &SecurityView::showPage);
  connect(m_choice, &QComboBox::activated, this, [this](int index) {
    if (index < 0 || index >= static_cast<int>(m_listed.size())) return;
    m_chosen = m_listed[static_cast<std::size_t>(index)];
    refresh();
  });
  connect(m_empty, &EmptyState::actionTriggered, this, [this] {
    const auto &ends = m_state.facts().ends();
    if (ends.empty()) return;
    m_state.playback().seekToRecord(ends.front().sequence);
  });
  m_tabs->setCurrentIndex(static_cast<int>(Page::Handshake));
  refresh();
}

void SecurityView::setPage(Page page) { m_tabs->setCurrentIndex(static_cast<int>(page)); }

bool SecurityView::hasAddress(std::uint32_t node, wire::Ipv4Address address) const {
  const auto &nodes = m_state.network().nodes;
  if (node >= nodes.size()) return false;
  const auto &interfaces = nodes[node].interfaces;
  return std::any_of(interfaces.begin(), interfaces.end(),
                     [&](const auto &i) { return i.address && i.address->address == address; });
}

/// Whether the selected node, link or packet has to do with that end or the other.
bool SecurityView::concerns(const analysis::TlsEnd &end) const {
  const Selection &selection = m_state.selection();
  const auto &ends = m_state.facts().ends();
  const std::uint32_t other =
      end.peer ? ends[*end.peer].node : static_cast<std::uint32_t>(NodeIndex::noneValue);
  switch (selection.kind) {
  case Selection::Kind::None: return false;
  case Selection::Kind::Node: return selection.isNode(end.node) || selection.isNode(other);
  case Selection::Kind::Link: {
    const auto &link = m_state.network().links[selection.link.value];
    return std::any_of(link.ends.begin(), link.ends.end(), [&](const auto &e) {
      return e.node.value == end.node || e.node.value == other;
    });
  }
  case Selection::Kind::Packet: {
    const wire::Packet *packet = m_state.trace().packet(selection.packet);
    if (packet == nullptr) return false;
    return hasAddress(end.node, packet->ip.source) ||
           hasAddress(end.node, packet->ip.destination) || hasAddress(other, packet->ip.source) ||
           hasAddress(other, packet->ip.destination);
  }
  }
  return false;
}

std::optional<std::size_t> SecurityView::wanted(const std::vector<std::size_t> &all) const {
  if (all.empty()) return std::nullopt;
  if (m_chosen && std::find(all.begin(), all.end(), *m_chosen) != all.end()) return m_chosen;
  const auto &ends = m_state.facts().ends();
  for (auto it = all.rbegin(); it != all.rend(); ++it)
    if (concerns(ends[*it])) return *it;
  return all.back();
}

void SecurityView::refresh() {
  if (!isVisible()) {
    m_basis.reset();
    return;
  }
  const analysis::FactBook &book = m_state.facts();
  const trace::Sequence upTo = m_state.cursor().upTo;
  const std::size_t atCursor = book.countUpTo(upTo);
  const auto all = analysis::tlsConnections(book, upTo);
  const auto end = wanted(all);
  m_content->setVisible(end.has_value());
  m_empty->setVisible(!end.has_value());
  if (!end) {
    m_end.reset();
    m_basis.reset();
    sayEmpty();
    return;
  }
  const Basis basis{*end, atCursor, book.facts().size(), m_edits};
  if (m_basis == basis) return;
  const bool grown = !m_basis || m_basis->end != *end || m_basis->factsInAll != basis.factsInAll ||
                     m_basis->edits != m_edits;
  m_basis = basis;
  m_end = end;
  if (grown) m_shown.whole = analysis::tlsStory(book, *end, allOfIt);
  m_shown.now = analysis::tlsStory(book, *end, upTo);
  m_shown.upTo = upTo;
  const auto nameOf = [&](std::uint32_t node, const std::string &otherwise) {
    const QString name = m_state.nodeName(node);
    return name.isEmpty() ? QString::fromStdString(otherwise) : name;
  };
  m_shown.client = nameOf(m_shown.whole.clientNode, {});
  m_shown.server = nameOf(m_shown.whole.serverNode, m_shown.whole.host);
  rebuildChoices(all);
  tell();
  m_pageShown = -1;
  showPage();
}

void SecurityView::rebuildChoices(const std::vector<std::size_t> &all) {
  const auto &ends = m_state.facts().ends();
  const std::size_t skipped = all.size() > listedMax ? all.size() - listedMax : 0;
  std::vector<std::size_t> listed(all.begin() + static_cast<std::ptrdiff_t>(skipped), all.end());
  const QSignalBlocker quiet(m_choice);
  if (listed != m_listed) {
    m_listed = std::move(listed);
    m_choice->clear();
    for (const std::size_t i : m_listed) {
      const analysis::TlsEnd &end = ends[i];
      const QString from = m_state.nodeName(end.node);
      const QString to = end.peer ? m_state.nodeName(ends[*end.peer].node) : QString();
      const QString who = to.isEmpty() ? from : tr("%1 to %2").arg(from, to);
      m_choice->addItem(tr("%1, %2").arg(who, formatTimeShort(end.at.ns())));
    }
  }
  const auto at = std::find(m_listed.begin(), m_listed.end(), *m_end);
  m_choice->setCurrentIndex(static_cast<int>(at - m_listed.begin()));
}

void SecurityView::tell() {
  const analysis::TlsStory &now = m_shown.now;
  const SecurityState state = securityState(now);
  m_statePill->setText(state.words);
  m_statePill->setTone(toneOf(state.kind));
  m_statePill->setToolTip(
      state.kind == SecurityState::Kind::Failed ? QString::fromStdString(now.failure) : QString());
  const auto text = [](const std::string &s) { return QString::fromStdString(s); };
  QString failure = state.kind == SecurityState::Kind::Failed ? text(now.failure) : QString();
  if (state.kind == SecurityState::Kind::Read)
    failure = tr("Whoever holds this end reads everything: “%1”")
                  .arg(text(now.interceptions.back().what));
  const QString who = tr("%1 to %2")
                          .arg(m_shown.client.isEmpty() ? tr("unknown") : m_shown.client,
                               m_shown.server.isEmpty() ? tr("unknown") : m_shown.server);
  const QString how = now.how == "full handshake" ? QString() : text(now.how);
  m_summary->setText(dotted({failure, who, text(now.version), text(now.suite), text(now.group), how,
                             roundTripWords(now)}));
}

void SecurityView::showPage() {
  const int page = m_tabs->currentIndex();
  m_pages->setCurrentIndex(page);
  if (!m_basis || m_pageShown == page) return;
  m_pageShown = page;
  switch (static_cast<Page>(page)) {
  case Page::Steps: m_steps->show(m_shown); break;
  case Page::Handshake: m_handshake->show(m_shown); break;
  case Page::Keys: m_keys->show(m_shown); break;
  case Page::Negotiation: m_negotiation->show(m_shown); break;
  case Page::Certificate: m_certificate->show(m_shown); break;
  }
}

void SecurityView::sayEmpty() {
  const auto &ends = m_state.facts().ends();
  m_empty->setSentence(
      ends.empty() ? tr("No TLS here yet. Switch https on at a web server and give a browser an "
                        "address that begins with https://, or open the example “The HTTPS "
                        "handshake step by step”.")
                   : tr("No TLS here yet: the first connection begins at %1.")
                         .arg(formatTimeShort(ends.front().at.ns())));
  m_empty->setAction(ends.empty() ? QString() : tr("Go There"));
}

void SecurityView::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  refresh(); // what happened behind another tab was not followed
}

QWidget *makeSecurityView(ViewState &state, QWidget *parent) {
  return new SecurityView(state, parent);
}

} // namespace packetarium::ui

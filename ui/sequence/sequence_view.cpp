// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sequence/sequence_view.h"

#include "ui/sequence/sequence_canvas.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/icon_button.h"

#include <QHBoxLayout>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {
constexpr double zoomStep = 1.25;
}

SequenceView::SequenceView(ViewState &state, QWidget *parent)
    : QWidget(parent),
      m_state(state),
      m_canvas(new SequenceCanvas(state, this)),
      m_empty(new EmptyState(state.hub(), "sequence",
                             tr("No message yet. Press play: each one becomes an arrow from the "
                                "node that sends it to the node it is for."),
                             this)) {
  setSurface(*this, Surface::Panel);
  setAccessibleName(tr("Sequence"));
  auto *ground = new QWidget(this);
  auto *stack = new QStackedLayout(ground);
  stack->setStackingMode(QStackedLayout::StackAll);
  stack->addWidget(m_empty);
  stack->addWidget(m_canvas);
  m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
  auto *row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(ground, 1);
  row->addWidget(makeTools());
  connect(m_canvas, &SequenceCanvas::emptyChanged, this, &SequenceView::refreshEmpty);
  connect(m_canvas, &SequenceCanvas::followingChanged, this, &SequenceView::refreshTools);
  connect(m_canvas, &SequenceCanvas::zoomChanged, this, &SequenceView::refreshTools);
  refreshTools();
  refreshEmpty();
}

QWidget *SequenceView::makeTools() {
  const ThemeHub &hub = m_state.hub();
  auto *tools = new QWidget(this);
  auto *column = new QVBoxLayout(tools);
  column->setContentsMargins(4, 4, 6, 4);
  column->setSpacing(2);
  const auto add = [&](std::string_view icon, const QString &label, const QString &tip) {
    auto *button = new IconButton(hub, icon, label, IconButton::Variant::Flat, tools);
    button->setEdge(26);
    button->setToolTip(tip);
    column->addWidget(button);
    return button;
  };
  m_follow = add("skip-end", tr("Follow the present"),
                 tr("Follow the present\nScroll back at any time; this leads to now again."));
  m_hops = add("router", tr("All hops"),
               tr("All hops\nA lifeline for every node on the way, an arrow for every link."));
  m_link = add("link", tr("Link layer"), tr("Link layer\nShow ARP between all nodes as well."));
  m_zoomIn = add("zoom-in", tr("More room for time"), tr("More room for time (Ctrl+wheel)"));
  m_zoomOut = add("zoom-out", tr("Less room for time"), tr("Less room for time (Ctrl+wheel)"));
  column->addStretch(1);
  for (IconButton *toggle : {m_follow, m_hops, m_link}) toggle->setCheckable(true);
  const auto choose = [this] { m_canvas->setChoice({m_hops->isChecked(), m_link->isChecked()}); };
  connect(m_hops, &IconButton::toggled, this, choose);
  connect(m_link, &IconButton::toggled, this, choose);
  connect(m_follow, &IconButton::clicked, this, [this](bool on) { m_canvas->setFollowing(on); });
  connect(m_zoomIn, &IconButton::clicked, this,
          [this] { m_canvas->setZoom(m_canvas->zoom() * zoomStep); });
  connect(m_zoomOut, &IconButton::clicked, this,
          [this] { m_canvas->setZoom(m_canvas->zoom() / zoomStep); });
  return tools;
}

void SequenceView::refreshTools() {
  m_follow->setChecked(m_canvas->isFollowing());
  m_zoomIn->setEnabled(m_canvas->zoom() < SequenceCanvas::zoomMax);
  m_zoomOut->setEnabled(m_canvas->zoom() > SequenceCanvas::zoomMin);
}

void SequenceView::refreshEmpty() {
  const bool empty = m_canvas->isSilent();
  m_empty->setVisible(empty);
  if (empty) m_empty->raise();
}

KeyHelpGroup sequenceKeys() { return SequenceCanvas::keyHelp(); }

QWidget *makeSequenceView(ViewState &state, QWidget *parent) {
  return new SequenceView(state, parent);
}

} // namespace packetarium::ui

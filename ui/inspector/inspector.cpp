// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/forms/line_editor.h"
#include "ui/forms/records_editor.h"
#include "ui/inspector/hex_view.h"
#include "ui/inspector/link_page.h"
#include "ui/inspector/node_page.h"
#include "ui/inspector/packet_page.h"
#include "ui/inspector/several_page.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/empty_state.h"

#include <QStackedWidget>

namespace packetarium::ui {

std::vector<KeyHelpGroup> inspectorKeys() {
  return {LineEditor::keyHelp(), RecordsEditor::keyHelp(), HexView::keyHelp()};
}

QWidget *makeInspector(ViewState &state, QWidget *parent) {
  auto *stack = new QStackedWidget(parent);
  setSurface(*stack, Surface::Panel);
  stack->setAccessibleName(QObject::tr("Inspector"));
  // In the order of Selection::Kind.
  stack->addWidget(
      new EmptyState(state.hub(), "pointer",
                     QObject::tr("Choose a device, a cable or a packet to look inside."), stack));
  stack->addWidget(new NodePage(state, stack));
  stack->addWidget(new LinkPage(state, stack));
  auto *packet = new PacketPage(state, stack);
  stack->addWidget(packet);
  auto *several = new SeveralPage(state, stack);
  stack->addWidget(several);
  const auto show = [stack, packet, several, &state] {
    if (state.selection().isNone() && !state.marked().empty())
      return stack->setCurrentWidget(several);
    const bool live = state.selection().isNone() && !packet->isEmpty();
    stack->setCurrentIndex(live ? stack->indexOf(packet)
                                : static_cast<int>(state.selection().kind));
  };
  QObject::connect(&state, &ViewState::selectionChanged, stack, show);
  QObject::connect(&state, &ViewState::markedChanged, stack, show);
  QObject::connect(packet, &PacketPage::emptyChanged, stack, show);
  show();
  return stack;
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/node_form.h"

#include "core/programs/program.h"
#include "ui/document/edits.h"
#include "ui/document/faults.h"
#include "ui/inspector/conditions_form.h"
#include "ui/inspector/conflict_list.h"
#include "ui/inspector/fault_rows.h"
#include "ui/inspector/node_properties.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

QString fromUtf8(std::string_view s) {
  return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size()));
}

} // namespace

NodeForm::NodeForm(ViewState &state, QWidget *parent)
    : QWidget(parent),
      m_state(state),
      m_conflicts(new ConflictList(state, this)),
      m_form(new PropertyForm(state.document(), state.hub(), this)),
      m_add(new QPushButton(tr("Add a program…"), this)),
      m_fault(new QLabel(this)),
      m_conditions(new ConditionsForm(state, this)),
      m_faults(new FaultRows(state, this)) {
  setSurface(*this, Surface::Panel);
  setTextRole(*m_fault, TextRole::Bad);
  m_fault->setWordWrap(true);
  m_fault->hide();
  m_add->setFocusPolicy(Qt::TabFocus);
  m_add->setToolTip(tr("What else runs on this node"));
  auto *line = new QHBoxLayout;
  line->addWidget(m_add);
  line->addStretch(1);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(16, 8, 16, 16);
  column->setSpacing(10);
  column->addWidget(m_conflicts);
  column->addWidget(m_form);
  column->addLayout(line);
  column->addWidget(m_fault);
  column->addWidget(m_conditions);
  column->addWidget(m_faults);
  column->addStretch(1);
  connect(m_add, &QPushButton::clicked, this, [this] {
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillPrograms(*menu);
    menu->popup(m_add->mapToGlobal(QPoint(0, m_add->height())));
  });
  connect(&state, &ViewState::documentChanged, this, &NodeForm::refresh);
}

void NodeForm::present(const std::string &node) {
  if (node != m_node) m_fault->hide();
  m_node = node;
  refresh();
}

void NodeForm::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  if (m_stale) refresh();
}

void NodeForm::refresh() {
  m_stale = !isVisible(); // an edit need not wait for what nobody sees
  if (m_stale) return;
  const scenario::Node *node = m_state.scenario().node(m_node);
  if (node == nullptr) return;
  m_conflicts->present({m_node});
  m_form->present(nodeSections(m_state.document(), *node), {m_node});
  m_add->setVisible(scenario::installFault(m_state.scenario(), m_node).empty());
  m_conditions->present({m_node});
  m_faults->present(m_node);
}

void NodeForm::fillPrograms(QMenu &menu) {
  menu.setToolTipsVisible(true);
  for (const programs::ProgramType &type : programs::programTypes()) {
    QAction *action = menu.addAction(
        icon(hasIcon(type.icon) ? type.icon : "settings", m_state.theme()), fromUtf8(type.title));
    action->setToolTip(fromUtf8(type.help));
    connect(action, &QAction::triggered, this,
            [this, kind = std::string(type.kind)] { addProgram(kind); });
  }
}

void NodeForm::addProgram(const std::string &kind) {
  const programs::ProgramType *type = programs::findProgramType(kind);
  if (type == nullptr) return;
  const std::string at = m_node;
  std::string id;
  const QString label =
      tr("Add %1 to %2").arg(fromUtf8(type->title), targetLabel(m_state.scenario(), at));
  const Status status = m_state.document().edit(label, [&](scenario::Scenario &s) {
    if (const auto installed = scenario::install(s, at, kind)) id = *installed;
  });
  m_fault->setText(sentenceOf(status));
  m_fault->setVisible(!status.ok());
  if (!status.ok() || id.empty()) return;
  // The first thing to say about it is where the keyboard goes.
  for (Field *field : m_form->fields())
    if (field->objectName().startsWith(
            QStringLiteral("programs.%1.").arg(QString::fromStdString(id)))) {
      QTimer::singleShot(0, field, [field] { field->editor()->setFocus(Qt::TabFocusReason); });
      return;
    }
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/conditions_form.h"

#include "ui/inspector/node_properties.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

#include <QLabel>
#include <QVBoxLayout>

namespace packetarium::ui {

ConditionsForm::ConditionsForm(ViewState &state, QWidget *parent)
    : QWidget(parent),
      m_state(state),
      m_head(new SectionHeader(state.hub(), tr("Conditions"), {}, this)),
      m_other(new QLabel(this)),
      m_form(new PropertyForm(state.document(), state.hub(), this)),
      m_costForm(new PropertyForm(state.document(), state.hub(), this)) {
  setSurface(*this, Surface::Panel);
  setTextRole(*m_other, TextRole::Secondary);
  m_other->setTextFormat(Qt::RichText);
  m_other->setAlignment(Qt::AlignRight);
  m_other->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addWidget(m_head);
  column->addWidget(m_other);
  column->addWidget(m_form);
  column->addWidget(m_costForm);
  connect(m_other, &QLabel::linkActivated, this, [this] { setFromStart(!m_fromStart); });
  connect(&state, &ViewState::documentChanged, this, &ConditionsForm::refresh);
  connect(&state.hub(), &ThemeHub::changed, this, &ConditionsForm::showHead);
  connect(&state, &ViewState::cursorChanged, this, [this] {
    if (isVisible() && m_state.now() != m_shownAt) refresh();
  });
}

SimTime ConditionsForm::instant() const { return m_fromStart ? SimTime::zero() : m_state.now(); }

void ConditionsForm::setFromStart(bool on) {
  m_fromStart = on;
  refresh();
}

void ConditionsForm::present(const std::vector<std::string> &ids) {
  if (ids != m_ids) m_fromStart = false;
  m_ids = ids;
  const bool nodes = !ids.empty() && m_state.scenario().node(ids.front()) != nullptr;
  const auto at = [this] { return instant(); };
  PropertySection conditions, cost;
  conditions.properties = nodes ? nodeConditions(at) : linkConditions(m_state.scenario(), ids, at);
  m_form->present({std::move(conditions)}, m_ids);
  m_costForm->setVisible(!nodes);
  if (!nodes) {
    cost.properties.push_back(linkCost());
    m_costForm->present({std::move(cost)}, m_ids);
  }
  refresh();
}

void ConditionsForm::refresh() {
  if (m_ids.empty()) return;
  m_shownAt = m_state.now();
  showHead();
  m_form->refill();
  if (!m_costForm->isHidden()) m_costForm->refill();
}

void ConditionsForm::showHead() {
  const bool start = instant() == SimTime::zero();
  const QString now = formatTimeShort(m_state.now().ns());
  m_head->setRemark(start ? tr("From the start") : tr("From %1 on").arg(now));
  m_head->setToolTip(start ? tr("An edit changes the document, and the run begins anew")
                           : tr("An edit becomes a script entry at the cursor"));
  m_other->setVisible(m_state.now() > SimTime::zero());
  const QString words =
      start ? tr("change from %1 on instead").arg(now) : tr("change from the start instead");
  const QString link = QStringLiteral("<a href=\"other\" style=\"color:%1\">%2</a>")
                           .arg(m_state.theme().accent.name(), words);
  if (link != m_other->text()) m_other->setText(link); // a press on it outlives a tick of the clock
}

} // namespace packetarium::ui

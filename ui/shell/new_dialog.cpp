// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/new_dialog.h"

#include "ui/document/document.h"
#include "ui/shell/topology_sketch.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/rows.h"
#include "ui/widgets/segmented_control.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

constexpr std::array<scenario::Workload, 5> workloads{
    scenario::Workload::Ping, scenario::Workload::Http, scenario::Workload::Tcp,
    scenario::Workload::Udp, scenario::Workload::None};

QString counted(std::size_t n, const QString &one, const QString &many) {
  return n == 1 ? one : many.arg(n);
}

} // namespace

scenario::Scenario emptyDocument() {
  scenario::Scenario made;
  made.id = Document::untitledId;
  made.title = "Untitled";
  made.duration = Duration::seconds(60);
  return made;
}

QString contentsLine(const scenario::Scenario &scenario) {
  std::size_t hosts = 0;
  std::size_t switches = 0;
  std::size_t routers = 0;
  for (const scenario::Node &node : scenario.nodes)
    ++(scenario::isRouter(node.kind) ? routers : scenario::isHost(node.kind) ? hosts : switches);
  QStringList parts;
  if (switches > 0)
    parts << counted(switches, NewDialog::tr("1 switch"), NewDialog::tr("%1 switches"));
  if (routers > 0)
    parts << counted(routers, NewDialog::tr("1 router"), NewDialog::tr("%1 routers"));
  if (hosts > 0) parts << counted(hosts, NewDialog::tr("1 host"), NewDialog::tr("%1 hosts"));
  if (!scenario.links.empty())
    parts << counted(scenario.links.size(), NewDialog::tr("1 link"), NewDialog::tr("%1 links"));
  return parts.join(QStringLiteral(", "));
}

NewDialog::NewDialog(const ThemeHub &hub, QWidget *parent)
    : QDialog(parent),
      m_kind(new SegmentedControl(hub, this)),
      m_sketch(new TopologySketch(hub, this)),
      m_line(new QLabel(this)),
      m_columns(makeSize(1, 12, 4, tr("Columns"))),
      m_traffic(new QComboBox(this)) {
  setWindowTitle(tr("New Network"));
  m_kind->setAccessibleName(tr("Begin with"));
  m_kind->addSegment(tr("Empty"), tr("Begin with nothing"));
  m_kind->addSegment(tr("Star"), tr("Hosts around a switch"));
  m_kind->addSegment(tr("Ring"), tr("Routers in a circle, a host at each"));
  m_kind->addSegment(tr("Grid"), tr("Routers in rows and columns"));
  m_kind->addSegment(tr("Dumbbell"), tr("Hosts on both sides of one slow link"));
  setTextRole(*m_line, TextRole::Secondary);
  m_count = {makeSize(1, 50, 5, tr("Hosts")), makeSize(3, 30, 5, tr("Routers")),
             makeSize(1, 12, 3, tr("Rows")), makeSize(1, 30, 3, tr("Hosts on each side"))};
  m_traffic->setAccessibleName(tr("Traffic"));
  m_traffic->addItems(
      {tr("Pings"), tr("Web pages"), tr("TCP transfers"), tr("UDP datagrams"), tr("None")});

  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(20, 18, 20, 16);
  column->setSpacing(12);
  column->addWidget(m_kind, 0, Qt::AlignLeft);
  column->addWidget(m_sketch, 1);
  column->addWidget(m_line);
  auto *fields = new QHBoxLayout;
  fields->setSpacing(16);
  for (QSpinBox *count : m_count)
    m_rows.push_back(new FormRow(hub, count->accessibleName(), count, {}, this));
  m_rows.push_back(new FormRow(hub, tr("Columns"), m_columns, {}, this));
  m_rows.push_back(new FormRow(hub, tr("Traffic"), m_traffic, {}, this));
  for (FormRow *row : m_rows) fields->addWidget(row);
  fields->addStretch(1);
  column->addLayout(fields);
  auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  m_create = buttons->addButton(tr("Create"), QDialogButtonBox::AcceptRole);
  m_create->setDefault(true);
  column->addWidget(buttons);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    if (const auto scenario = made()) {
      accept();
      Q_EMIT chosen(*scenario);
    }
  });
  connect(m_kind, &SegmentedControl::currentChanged, this, &NewDialog::refresh);
  connect(m_traffic, &QComboBox::currentIndexChanged, this, &NewDialog::refresh);
  refresh();
}

QSpinBox *NewDialog::makeSize(int from, int to, int value, const QString &name) {
  auto *box = new QSpinBox(this);
  box->setRange(from, to);
  box->setValue(value);
  box->setAccessibleName(name);
  box->setToolTip(tr("%1: %2 to %3").arg(name).arg(from).arg(to));
  connect(box, &QSpinBox::valueChanged, this, &NewDialog::refresh);
  return box;
}

scenario::TemplateOptions NewDialog::options() const {
  scenario::TemplateOptions options;
  const int shape = m_kind->currentIndex() - 1;
  options.shape = static_cast<scenario::Shape>(shape);
  const auto count = static_cast<std::uint32_t>(m_count[static_cast<std::size_t>(shape)]->value());
  options.hosts = count;
  options.rows = count;
  options.columns = static_cast<std::uint32_t>(m_columns->value());
  options.workload = workloads[static_cast<std::size_t>(std::max(0, m_traffic->currentIndex()))];
  options.duration = Duration::seconds(60);
  return options;
}

Result<scenario::Scenario> NewDialog::made() const {
  if (m_kind->currentIndex() <= 0) return emptyDocument();
  return scenario::generate(options());
}

void NewDialog::refresh() {
  const int shape = m_kind->currentIndex() - 1;
  const bool grid = shape == static_cast<int>(scenario::Shape::Grid);
  for (int i = 0; i < static_cast<int>(m_count.size()); ++i)
    m_rows[static_cast<std::size_t>(i)]->setVisible(i == shape);
  m_rows[4]->setVisible(grid);
  m_rows[5]->setVisible(shape >= 0);
  const auto scenario = made();
  m_create->setEnabled(scenario.ok());
  if (!scenario) return m_line->setText(QString::fromStdString(scenario.faults().front().text()));
  m_line->setText(shape < 0 ? tr("Drag devices from the palette and link them.")
                            : contentsLine(*scenario));
  m_sketch->show(*scenario);
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/fault_rows.h"

#include "ui/document/clips.h"
#include "ui/document/faults.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

constexpr int shownMax = 8;

QString whatOf(const scenario::Scenario &scenario, const ScriptClip &clip) {
  using Kind = ScriptClip::Kind;
  if (clip.moment == FaultAction::Promote) return FaultRows::tr("Promoted");
  if (clip.moment) return FaultRows::tr("Restarted with an empty disk");
  const auto value = [&](FaultAction action) {
    return valueText(scenario, clip.target, action, clip.value);
  };
  switch (clip.kind) {
  case Kind::Cut: return FaultRows::tr("Cut");
  case Kind::Crash: return FaultRows::tr("Crashed");
  case Kind::Pause: return FaultRows::tr("Paused");
  case Kind::Rate: return FaultRows::tr("Rate %1").arg(value(FaultAction::SetRate));
  case Kind::Delay: return FaultRows::tr("Delay %1").arg(value(FaultAction::SetDelay));
  case Kind::Jitter: return FaultRows::tr("Jitter %1").arg(value(FaultAction::SetJitter));
  case Kind::Loss: return FaultRows::tr("Loss %1").arg(value(FaultAction::SetLoss));
  case Kind::Queue: return FaultRows::tr("Queue %1").arg(value(FaultAction::SetQueue));
  case Kind::Duplicate:
    return FaultRows::tr("Duplication %1").arg(value(FaultAction::SetDuplicate));
  case Kind::Reorder: return FaultRows::tr("Reordering %1").arg(value(FaultAction::SetReorder));
  case Kind::Corrupt: return FaultRows::tr("Corruption %1").arg(value(FaultAction::SetCorrupt));
  case Kind::Blocked: return value(FaultAction::SetBlocked);
  case Kind::Flap: return FaultRows::tr("Flapping %1").arg(value(FaultAction::SetFlap));
  case Kind::Slowness: return FaultRows::tr("CPU slower %1").arg(value(FaultAction::SetSlowness));
  case Kind::ClockOffset: return FaultRows::tr("Clock %1").arg(value(FaultAction::SetClockOffset));
  case Kind::ClockDrift: return FaultRows::tr("Clock %1").arg(value(FaultAction::SetClockDrift));
  case Kind::Partition: return FaultRows::tr("Partition, %1").arg(value(FaultAction::SetPartition));
  }
  return {};
}

QString rowText(const scenario::Scenario &scenario, const ScriptClip &clip) {
  const QString from = formatTimeShort(clip.from.ns());
  const QString what = whatOf(scenario, clip);
  if (clip.moment) return FaultRows::tr("%1 at %2").arg(what, from);
  if (clip.open) return FaultRows::tr("%1 from %2 on").arg(what, from);
  return FaultRows::tr("%1 from %2 to %3").arg(what, from, formatTimeShort(clip.to.ns()));
}

} // namespace

FaultRows::FaultRows(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  setSurface(*this, Surface::Panel);
  hide();
  connect(&state, &ViewState::documentChanged, this, &FaultRows::refresh);
}

void FaultRows::present(const std::string &target) {
  m_target = target;
  refresh();
}

void FaultRows::refresh() {
  if (m_target.empty()) return;
  std::vector<ScriptClip> clips = clipsOf(m_state.scenario());
  std::erase_if(clips, [&](const ScriptClip &clip) { return clip.target != m_target; });
  std::string shape;
  for (const ScriptClip &clip : clips)
    shape += clip.beginId + rowText(m_state.scenario(), clip).toStdString() + "\n";
  m_count = static_cast<int>(clips.size());
  setVisible(!clips.empty());
  if (shape == m_shape && m_content != nullptr) return;
  m_shape = std::move(shape);
  if (m_content != nullptr) {
    m_content->hide();
    m_content->deleteLater(); // its button may have been pressed
  }
  m_content = new QWidget(this);
  setSurface(*m_content, Surface::Panel);
  layout()->addWidget(m_content);
  auto *column = new QVBoxLayout(m_content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  const QString more =
      m_count > shownMax ? tr("the first %1 of %2").arg(shownMax).arg(m_count) : QString();
  column->addWidget(new SectionHeader(m_state.hub(), tr("Faults"), more, m_content));
  for (std::size_t i = 0; i < clips.size() && i < static_cast<std::size_t>(shownMax); ++i) {
    const ScriptClip &clip = clips[i];
    auto *go = new QPushButton(rowText(m_state.scenario(), clip), m_content);
    setButtonRole(*go, ButtonRole::Quiet);
    go->setFocusPolicy(Qt::TabFocus);
    go->setToolTip(tr("Go to where it begins"));
    connect(go, &QPushButton::clicked, this,
            [this, at = clip.from] { m_state.playback().seek(at); });
    auto *remove = new IconButton(m_state.hub(), "trash",
                                  tr("Remove %1").arg(rowText(m_state.scenario(), clip)),
                                  IconButton::Variant::Flat, m_content);
    remove->setEdge(22);
    connect(remove, &QToolButton::clicked, this,
            [this, id = clip.beginId] { (void)removeClip(m_state.document(), id); });
    auto *row = new QHBoxLayout;
    row->addWidget(go);
    row->addStretch(1);
    row->addWidget(remove);
    column->addLayout(row);
  }
  m_content->show();
}

} // namespace packetarium::ui

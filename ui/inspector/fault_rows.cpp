// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/fault_rows.h"

#include "ui/document/clips.h"
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

QString whatOf(const ScriptClip &clip) {
  using Kind = ScriptClip::Kind;
  const auto whole = static_cast<std::int64_t>(clip.value);
  switch (clip.kind) {
  case Kind::Cut: return FaultRows::tr("Cut");
  case Kind::Crash: return FaultRows::tr("Crashed");
  case Kind::Pause: return FaultRows::tr("Paused");
  case Kind::Rate: return FaultRows::tr("Rate %1").arg(formatBitRate(clip.value));
  case Kind::Delay: return FaultRows::tr("Delay %1").arg(formatDuration(whole));
  case Kind::Jitter: return FaultRows::tr("Jitter %1").arg(formatDuration(whole));
  case Kind::Loss: return FaultRows::tr("Loss %1").arg(formatPercent(clip.value));
  case Kind::Queue: return FaultRows::tr("Queue %1").arg(formatCount(whole));
  }
  return {};
}

QString rowText(const ScriptClip &clip) {
  const QString from = formatTimeShort(clip.from.ns());
  if (clip.open) return FaultRows::tr("%1 from %2 on").arg(whatOf(clip), from);
  return FaultRows::tr("%1 from %2 to %3").arg(whatOf(clip), from, formatTimeShort(clip.to.ns()));
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
  for (const ScriptClip &clip : clips) shape += clip.beginId + rowText(clip).toStdString() + "\n";
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
    auto *go = new QPushButton(rowText(clip), m_content);
    setButtonRole(*go, ButtonRole::Quiet);
    go->setFocusPolicy(Qt::TabFocus);
    go->setToolTip(tr("Go to where it begins"));
    connect(go, &QPushButton::clicked, this,
            [this, at = clip.from] { m_state.playback().seek(at); });
    auto *remove = new IconButton(m_state.hub(), "trash", tr("Remove %1").arg(rowText(clip)),
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

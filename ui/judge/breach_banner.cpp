// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/breach_banner.h"

#include "ui/judge/judge_watch.h"
#include "ui/widgets/format.h"

#include <QEvent>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr int fromTop = 10, widest = 520, aside = 48;

QString nameOf(judge::RaftInvariant invariant) {
  const std::string_view name = judge::name(invariant);
  QString words = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
  if (!words.isEmpty()) words[0] = words[0].toUpper();
  return words;
}

QString promiseOf(judge::RaftInvariant invariant) {
  const std::string_view words = judge::sentence(invariant);
  return QString::fromUtf8(words.data(), static_cast<qsizetype>(words.size()));
}

} // namespace

BreachBanner::BreachBanner(ViewState &state, QWidget *over)
    : CaptionCard(state.hub(), over), m_state(state) {
  setObjectName(QStringLiteral("breach"));
  setAccessibleName(tr("A promise is broken"));
  setClosable(true);
  hide();
  over->installEventFilter(this);
  connect(&state.hub(), &ThemeHub::changed, this, &BreachBanner::place);
  connect(&state.playback(), &Playback::stateChanged, this,
          [this] { tell(m_state.playback().breach()); });
  connect(this, &CaptionCard::buttonClicked, this, [this](int index) {
    if (!m_breach) return;
    if (index == 0) return goToRecord(m_state, m_breach->record);
    Q_EMIT historyWanted();
  });
}

void BreachBanner::tell(const std::optional<judge::Breach> &breach) {
  const auto keyOf = [](const std::optional<judge::Breach> &b) {
    return b ? std::pair(b->record, static_cast<int>(b->invariant))
             : std::pair(trace::Sequence{0}, -1);
  };
  if (keyOf(breach) == keyOf(m_breach)) return; // once closed it stays so
  m_breach = breach;
  setVisible(breach.has_value());
  if (!breach) return;
  setEyebrow(tr("The run stopped at %1").arg(formatTimeShort(breach->at.ns())));
  setTitle(tr("%1 of %2 is broken")
               .arg(nameOf(breach->invariant), QString::fromStdString(breach->service)));
  const QString why = withShortDurations(QString::fromStdString(breach->why));
  setText(why.toHtmlEscaped() + QStringLiteral("<p>") +
          tr("It promises: %1").arg(promiseOf(breach->invariant).toHtmlEscaped()) +
          QStringLiteral("</p>"));
  setAccessibleDescription(why);
  clearButtons();
  addButton(tr("Go There"), true);
  addButton(tr("Show the History"));
  place();
  raise();
}

void BreachBanner::place() {
  const auto *over = parentWidget();
  if (over == nullptr || isHidden()) return;
  setCardWidth(std::clamp(over->width() - 2 * aside, 200, widest));
  resize(sizeHint());
  move((over->width() - width()) / 2, fromTop);
}

bool BreachBanner::eventFilter(QObject *watched, QEvent *event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize) place();
  return CaptionCard::eventFilter(watched, event);
}

} // namespace packetarium::ui

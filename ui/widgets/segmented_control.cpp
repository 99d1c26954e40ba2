// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/segmented_control.h"

#include "ui/theme/theme_hub.h"
#include "ui/widgets/paint.h"

#include <QFontMetrics>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QRadioButton>

#include <algorithm>
#include <array>

namespace packetarium::ui {

namespace {

bool movesChoice(int key) {
  static constexpr std::array keys{Qt::Key_Left, Qt::Key_Right, Qt::Key_Up,
                                   Qt::Key_Down, Qt::Key_Home,  Qt::Key_End};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

} // namespace

// A radio button in all but looks; which one is on is the control's to say.
class Segment : public QRadioButton {
public:
  Segment(SegmentedControl &owner, const QString &text)
      : QRadioButton(text, &owner), m_owner(owner) {
    setAutoExclusive(true); // makes it a radio button to assistive technology
    setFocusPolicy(Qt::NoFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
  }

  [[nodiscard]] QSize sizeHint() const override {
    const Typography &type = m_owner.m_hub.typography();
    const QFontMetrics metrics(type.name()); // the width it takes when it is chosen
    return {metrics.horizontalAdvance(text()) + 2 * type.px(12),
            std::max(metrics.height() + type.px(8), type.px(26))};
  }
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  [[nodiscard]] bool hitButton(const QPoint &at) const override { return rect().contains(at); }
  void nextCheckState() override { m_owner.choose(m_owner.indexOf(this)); }

  bool event(QEvent *event) override {
    // Arrow keys step through time elsewhere; while this has the focus they are its own.
    if (event->type() == QEvent::ShortcutOverride &&
        movesChoice(static_cast<QKeyEvent *>(event)->key())) {
      event->accept();
      return true;
    }
    return QRadioButton::event(event);
  }

  void keyPressEvent(QKeyEvent *event) override {
    if (movesChoice(event->key()) && event->modifiers() == Qt::NoModifier)
      m_owner.handleKey(event->key());
    else
      QRadioButton::keyPressEvent(event);
  }

  void paintEvent(QPaintEvent *) override {
    const Theme &theme = m_owner.m_hub.theme();
    const Typography &type = m_owner.m_hub.typography();
    QPainter painter(this);
    if (isChecked())
      paintFrame(painter, rect(), type.px(5), theme.accentSoft, Qt::transparent);
    else if (underMouse() && isEnabled())
      paintFrame(painter, rect(), type.px(5), theme.hover, Qt::transparent);
    if (hasFocus()) paintFocusRing(painter, rect(), type.px(5), theme);
    painter.setFont(isChecked() ? type.name() : type.body());
    painter.setPen(isChecked() ? theme.accent : theme.dim);
    if (!isEnabled()) painter.setOpacity(0.55);
    painter.drawText(rect(), Qt::AlignCenter, text());
  }

private:
  SegmentedControl &m_owner;
};

SegmentedControl::SegmentedControl(const ThemeHub &hub, QWidget *parent)
    : QWidget(parent), m_hub(hub) {
  new QHBoxLayout(this);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  connect(&hub, &ThemeHub::changed, this, &SegmentedControl::relayout);
  relayout();
}

int SegmentedControl::addSegment(const QString &text, const QString &toolTip) {
  auto *segment = new Segment(*this, text);
  segment->setToolTip(toolTip);
  if (!toolTip.isEmpty()) segment->setAccessibleDescription(toolTip);
  layout()->addWidget(segment);
  m_segments.push_back(segment);
  if (m_current < 0) setCurrentIndex(0);
  return count() - 1;
}

QString SegmentedControl::text(int index) const {
  return index >= 0 && index < count() ? m_segments[index]->text() : QString();
}

void SegmentedControl::setText(int index, const QString &text) {
  if (index < 0 || index >= count() || m_segments[index]->text() == text) return;
  m_segments[index]->setText(text);
  relayout();
}

int SegmentedControl::indexOf(const Segment *segment) const {
  const auto found = std::find(m_segments.begin(), m_segments.end(), segment);
  return static_cast<int>(found - m_segments.begin());
}

void SegmentedControl::setCurrentIndex(int index) {
  if (index == m_current || index < 0 || index >= count()) return;
  const bool focused = m_current >= 0 && m_segments[m_current]->hasFocus();
  m_current = index;
  for (int i = 0; i < count(); ++i) {
    m_segments[i]->setChecked(i == index);
    m_segments[i]->setFocusPolicy(i == index ? Qt::TabFocus : Qt::NoFocus);
  }
  if (focused) m_segments[index]->setFocus(Qt::OtherFocusReason);
  setFocusProxy(m_segments[index]);
  Q_EMIT currentChanged(index);
}

void SegmentedControl::choose(int index) {
  if (index == m_current) return;
  setCurrentIndex(index);
  Q_EMIT chosen(index);
}

void SegmentedControl::handleKey(int key) {
  const bool mirrored = isRightToLeft();
  int to = m_current;
  if (key == Qt::Key_Home) to = 0;
  if (key == Qt::Key_End) to = count() - 1;
  if (key == Qt::Key_Up || key == (mirrored ? Qt::Key_Right : Qt::Key_Left)) --to;
  if (key == Qt::Key_Down || key == (mirrored ? Qt::Key_Left : Qt::Key_Right)) ++to;
  choose(std::clamp(to, 0, count() - 1));
}

void SegmentedControl::relayout() {
  const Typography &type = m_hub.typography();
  layout()->setContentsMargins(type.px(2), type.px(2), type.px(2), type.px(2));
  layout()->setSpacing(type.px(2));
  for (Segment *segment : m_segments) segment->updateGeometry();
  layout()->invalidate();
  updateGeometry();
  update();
}

void SegmentedControl::paintEvent(QPaintEvent *) {
  const Theme &theme = m_hub.theme();
  QPainter painter(this);
  paintFrame(painter, rect(), m_hub.typography().px(7), theme.well, theme.line);
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <vector>

namespace packetarium::ui {

class Segment;
class ThemeHub;

// One choice of a few, all in sight: Event | Hop | Message | Phase. One stop in the tab order; the
// arrow keys, Home and End move the choice. Each segment is a radio button to a screen reader.
class SegmentedControl : public QWidget {
  Q_OBJECT
public:
  explicit SegmentedControl(const ThemeHub &hub, QWidget *parent = nullptr);

  // Appends; the first one added is current. Returns its index.
  int addSegment(const QString &text, const QString &toolTip = {});
  [[nodiscard]] int count() const { return static_cast<int>(m_segments.size()); }
  [[nodiscard]] int currentIndex() const { return m_current; } // -1 while empty
  [[nodiscard]] QString text(int index) const;
  void setText(int index, const QString &text); // out of range is ignored

public Q_SLOTS:
  // Out of range is ignored. Emits currentChanged on a change.
  void setCurrentIndex(int index);

Q_SIGNALS:
  void currentChanged(int index); // by anyone
  void chosen(int index);         // by the user

protected:
  void paintEvent(QPaintEvent *event) override;

private:
  friend class Segment;
  void choose(int index);
  [[nodiscard]] int indexOf(const Segment *segment) const;
  void handleKey(int key);
  void relayout();

  const ThemeHub &m_hub;
  std::vector<Segment *> m_segments; // children of this widget
  int m_current = -1;
};

} // namespace packetarium::ui

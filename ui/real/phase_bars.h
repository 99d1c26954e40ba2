// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/real/handshake_facts.h"

#include <QWidget>

#include <vector>

namespace packetarium::ui {

class ThemeHub;

// The phases of a connection below one another, each a bar from where it began to where it ended,
// with its duration behind it.
class PhaseBars : public QWidget {
  Q_OBJECT
public:
  explicit PhaseBars(const ThemeHub &hub, QWidget *parent = nullptr);

  // spanNs is what the whole width stands for, so that two of these can share a scale; 0 takes the
  // end of the last phase.
  void setPhases(std::vector<PhaseTime> phases, qint64 spanNs = 0);
  [[nodiscard]] const std::vector<PhaseTime> &phases() const { return m_phases; }
  // Where the last phase ends.
  [[nodiscard]] static qint64 endOf(const std::vector<PhaseTime> &phases);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent *event) override;

private:
  [[nodiscard]] int rowHeight() const;

  const ThemeHub &m_hub;
  std::vector<PhaseTime> m_phases;
  qint64 m_spanNs = 0;
};

} // namespace packetarium::ui

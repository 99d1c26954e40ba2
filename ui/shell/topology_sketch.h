// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <QWidget>

namespace packetarium::ui {

class ThemeHub;

// A small picture of a topology: its links as lines, its nodes as icons, or as dots where there are
// many.
class TopologySketch : public QWidget {
public:
  explicit TopologySketch(const ThemeHub &hub, QWidget *parent = nullptr);

  void show(scenario::Scenario scenario);
  [[nodiscard]] QSize sizeHint() const override;

protected:
  void paintEvent(QPaintEvent *event) override;

private:
  const ThemeHub &m_hub;
  scenario::Scenario m_scenario;
};

} // namespace packetarium::ui

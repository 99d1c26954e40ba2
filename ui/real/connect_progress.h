// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/real/handshake_facts.h"

#include <QWidget>

#include <optional>
#include <vector>

class QGridLayout;

namespace packetarium::ui {

class ThemeHub;

// How far a connection has come: each phase with a sign and, once it is over, how long it took.
class ConnectProgress : public QWidget {
  Q_OBJECT
public:
  enum class End { None, Failed };

  struct State {
    std::vector<HandshakePhase> expected; // in order
    std::vector<PhaseTime> done;
    std::optional<HandshakePhase> current; // under way, or where it ended
    End end = End::None;
  };

  ConnectProgress(const ThemeHub &hub, const State &state, QWidget *parent = nullptr);

private:
  void addRow(QGridLayout &grid, const ThemeHub &hub, const State &state, HandshakePhase phase);
};

} // namespace packetarium::ui

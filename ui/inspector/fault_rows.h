// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"

#include <QWidget>

#include <string>

namespace packetarium::ui {

// The faults that the script holds for one node or link, in order of time; each can be gone to and
// taken out. Takes no room when there are none.
class FaultRows : public QWidget {
  Q_OBJECT
public:
  explicit FaultRows(ViewState &state, QWidget *parent = nullptr);

  void present(const std::string &target);
  [[nodiscard]] int count() const { return m_count; }

private:
  void refresh();

  ViewState &m_state;
  std::string m_target;
  std::string m_shape;
  QWidget *m_content = nullptr;
  int m_count = 0;
};

} // namespace packetarium::ui

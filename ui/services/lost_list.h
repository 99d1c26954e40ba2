// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_state.h"
#include "ui/theme/theme_hub.h"

#include <QWidget>

#include <set>
#include <vector>

class QLabel;
class QVBoxLayout;

namespace packetarium::ui {

/// Writes whose clients were told that they are done, and that were lost: how many, and each with
/// its story, which opens below it.
class LostList : public QWidget {
  Q_OBJECT
public:
  explicit LostList(const ThemeHub &hub, QWidget *parent = nullptr);

  void setWrites(std::vector<analysis::LostWrite> writes);
  [[nodiscard]] const std::vector<analysis::LostWrite> &writes() const { return m_writes; }
  [[nodiscard]] QString headline() const;
  /// Rows that are shown; of very many losses the first ones.
  static constexpr std::size_t rowsMax = 100;

Q_SIGNALS:
  void recordWanted(quint64 record);

private:
  void rebuild();
  void addRow(const analysis::LostWrite &write);

  const ThemeHub &m_hub;
  std::vector<analysis::LostWrite> m_writes;
  std::set<trace::Sequence> m_open; ///< by the record of their acknowledgement
  QLabel *m_head;
  QWidget *m_rows = nullptr;
  QVBoxLayout *m_column;
};

} // namespace packetarium::ui

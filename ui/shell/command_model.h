// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/command_match.h"

#include <QAbstractListModel>

#include <functional>
#include <vector>

namespace packetarium::ui {

// Something the command palette can do or find.
struct Command {
  QString name;
  QString about;    // where it stands, or what it is: "View › Theme", "Router, 10.0.0.1"
  QString shortcut; // empty: none
  QString icon;     // empty: none
  std::function<void()> run;
};

// The commands that fit what was typed, the most fitting first.
class CommandModel : public QAbstractListModel {
  Q_OBJECT
public:
  enum Role { AboutRole = Qt::UserRole, ShortcutRole, IconRole, PositionsRole };

  using QAbstractListModel::QAbstractListModel;

  void setCommands(std::vector<Command> commands);
  void setQuery(const QString &query);
  [[nodiscard]] const Command &at(int row) const;

  [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
  struct Row {
    std::size_t command = 0;
    CommandMatch match; // positions in the name
  };
  void refill();

  std::vector<Command> m_commands;
  std::vector<Row> m_rows;
  QString m_query;
};

} // namespace packetarium::ui

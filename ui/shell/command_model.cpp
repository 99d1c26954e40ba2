// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_model.h"

#include <algorithm>

namespace packetarium::ui {
namespace {

// So much better is a fit of the name alone than one that needs the rest.
constexpr int nameFirst = 12;

} // namespace

void CommandModel::setCommands(std::vector<Command> commands) {
  m_commands = std::move(commands);
  refill();
}

void CommandModel::setQuery(const QString &query) {
  if (query == m_query) return;
  m_query = query;
  refill();
}

void CommandModel::refill() {
  beginResetModel();
  m_rows.clear();
  for (std::size_t i = 0; i < m_commands.size(); ++i) {
    const Command &command = m_commands[i];
    if (auto match = matchCommand(m_query, command.name)) {
      match->score += m_query.isEmpty() ? 0 : nameFirst;
      m_rows.push_back({i, std::move(*match)});
    } else if (const auto wide = matchCommand(m_query, command.about + u' ' + command.name)) {
      m_rows.push_back({i, {wide->score, {}}});
    }
  }
  std::stable_sort(m_rows.begin(), m_rows.end(),
                   [](const Row &a, const Row &b) { return a.match.score > b.match.score; });
  endResetModel();
}

const Command &CommandModel::at(int row) const {
  return m_commands[m_rows[static_cast<std::size_t>(row)].command];
}

int CommandModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant CommandModel::data(const QModelIndex &index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Command &command = at(index.row());
  switch (role) {
  case Qt::DisplayRole: return command.name;
  case Qt::AccessibleTextRole:
    return command.shortcut.isEmpty()
               ? command.name
               : QStringLiteral("%1, %2").arg(command.name, command.shortcut);
  case Qt::AccessibleDescriptionRole:
  case AboutRole: return command.about;
  case ShortcutRole: return command.shortcut;
  case IconRole: return command.icon;
  case PositionsRole: {
    QVariantList positions;
    for (const int at : m_rows[static_cast<std::size_t>(index.row())].match.positions)
      positions << at;
    return positions;
  }
  default: return {};
  }
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/packets/packet_model.h"
#include "ui/widgets/key_help.h"

#include <QTimer>
#include <QWidget>

class QAction;
class QLabel;
class QLineEdit;
class QStackedLayout;
class QTableView;

namespace packetarium::ui {

class EmptyState;
class SegmentedControl;

// Every packet of the run in a list, with a filter as analysers have it. Follows the moment that is
// shown and the one selection that all views share.
class PacketView : public QWidget {
  Q_OBJECT
public:
  explicit PacketView(ViewState &state, QWidget *parent = nullptr);

  [[nodiscard]] PacketModel &model() const { return *m_model; }
  [[nodiscard]] QTableView &table() const { return *m_table; }
  [[nodiscard]] QLineEdit &filterField() const { return *m_field; }
  // The keys its table takes while it has the keyboard.
  [[nodiscard]] static KeyHelpGroup keyHelp();

protected:
  void showEvent(QShowEvent *event) override;
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  void buildBar();
  void buildTable();
  void applyFilter();
  void showError(const QString &message);
  void refit();
  void fitColumns();
  void refreshCount();
  void refreshEmpty();
  void onSelection();
  void onCurrent(const QModelIndex &current);
  void follow();
  void onScrolled();
  void copyRows() const;
  [[nodiscard]] bool isPresentInSight() const;

  ViewState &m_state;
  PacketModel *m_model;
  QLineEdit *m_field;
  QAction *m_fieldIcon = nullptr, *m_clear = nullptr;
  QLabel *m_error;
  QLabel *m_count;
  SegmentedControl *m_rows;
  QTableView *m_table;
  EmptyState *m_empty;
  QStackedLayout *m_stack;
  QTimer m_typing;
  bool m_following = true;
  bool m_settingCurrent = false;
  bool m_scrolling = false;
};

} // namespace packetarium::ui

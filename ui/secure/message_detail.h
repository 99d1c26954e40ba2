// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/tls_story.h"
#include "ui/playback/view_state.h"

#include <QWidget>

class QPlainTextEdit;
class QTreeView;

namespace packetarium::ui {

class ClampedLabel;
class ElidedLabel;
class FieldModel;

/// A handshake message taken apart: its fields above, its bytes below, each marking the other.
class MessageDetail : public QWidget {
  Q_OBJECT
public:
  MessageDetail(ViewState &state, QWidget *parent);
  /// Null: nothing is chosen.
  void setLine(const analysis::TlsLine *line, bool tls13);

protected:
  void resizeEvent(QResizeEvent *event) override;

private:
  void showBytes();
  void markField();

  ViewState &m_state;
  trace::Sequence m_shown = 0;
  std::vector<std::uint8_t> m_bytes;
  std::uint32_t m_perRow = 16; ///< bytes in a row of the dump
  ElidedLabel *m_title;
  ClampedLabel *m_word;
  FieldModel *m_fields;
  QTreeView *m_tree;
  QPlainTextEdit *m_hex;
};

} // namespace packetarium::ui

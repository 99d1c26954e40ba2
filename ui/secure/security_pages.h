// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/tls_story.h"
#include "ui/playback/view_state.h"

#include <QWidget>

class QGridLayout;
class QHBoxLayout;
class QLabel;
class QListView;
class QScrollArea;
class QToolButton;
class QVBoxLayout;

namespace packetarium::ui {

class ClampedLabel;
class ElidedLabel;
class FlightModel;
class IconButton;
class KeyCanvas;
class LadderHead;
class MessageDetail;
class StepsStrip;

/// What the pages of the security view are shown: a connection up to the cursor, and all of it.
struct SecurityShown {
  analysis::TlsStory now;
  analysis::TlsStory whole;
  trace::Sequence upTo = 0;
  QString client, server;
  [[nodiscard]] bool tls12() const { return whole.is12(); }
};

/// The steps as courses tell them, in the order in which they happen, and what is true about each.
class StepsPage : public QWidget {
  Q_OBJECT
public:
  StepsPage(ViewState &state, QWidget *parent);
  void show(const SecurityShown &shown);
  [[nodiscard]] StepsStrip &strip() const { return *m_strip; }

private:
  void say();
  ViewState &m_state;
  StepsStrip *m_strip;
  QLabel *m_caption;
  QLabel *m_layers;
};

/// The handshake's messages as a ladder, the one at the cursor taken apart beside it.
class HandshakePage : public QWidget {
  Q_OBJECT
public:
  HandshakePage(ViewState &state, QWidget *parent);
  void show(const SecurityShown &shown);
  [[nodiscard]] FlightModel &model() const { return *m_model; }
  [[nodiscard]] QListView &list() const { return *m_list; }

private:
  void goTo(int row);
  ViewState &m_state;
  FlightModel *m_model;
  QListView *m_list;
  LadderHead *m_head;
  MessageDetail *m_detail;
  ElidedLabel *m_transcript;
};

/// The schedule of keys; below it the box that is chosen, with its value.
class KeysPage : public QWidget {
  Q_OBJECT
public:
  KeysPage(ViewState &state, QWidget *parent);
  void show(const SecurityShown &shown);
  [[nodiscard]] KeyCanvas &canvas() const { return *m_canvas; }

protected:
  void resizeEvent(QResizeEvent *event) override;

private:
  void say();
  void arrange();
  ViewState &m_state;
  KeyCanvas *m_canvas;
  QScrollArea *m_scroll;
  ElidedLabel *m_title;
  ElidedLabel *m_value;
  ClampedLabel *m_how;
  IconButton *m_copy;
  bool m_chosen = false; ///< by the user; else the newest box is shown
};

/// What the client offers, and what the server chose of it.
class NegotiationPage : public QWidget {
  Q_OBJECT
public:
  NegotiationPage(ViewState &state, QWidget *parent);
  void show(const SecurityShown &shown);

private:
  void fill();
  ViewState &m_state;
  SecurityShown m_shown;
  QGridLayout *m_grid;
  QWidget *m_sheet;
};

/// The chain that the server showed, as cards, and the checks with their verdicts.
class CertificatePage : public QWidget {
  Q_OBJECT
public:
  CertificatePage(ViewState &state, QWidget *parent);
  void show(const SecurityShown &shown);

private:
  void fill();
  ViewState &m_state;
  SecurityShown m_shown;
  QHBoxLayout *m_cards;
  QVBoxLayout *m_checks;
  QLabel *m_empty;
  QWidget *m_content;
};

} // namespace packetarium::ui

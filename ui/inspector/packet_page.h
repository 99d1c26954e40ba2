// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/journey.h"
#include "core/wire/dissect.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <optional>

class QLabel;
class QScrollArea;
class QStackedWidget;
class QTreeView;
class QVBoxLayout;

namespace packetarium::ui {

class ElidedLabel;
class FieldModel;
class HexView;
class IconButton;
class Pill;
class TabStrip;
class TowerPair;

/// The chosen packet at one device of its way: layers in and out, the bytes, and why it exists.
/// While nothing is chosen it shows the packet that moves just now, so that there is always
/// something to look into.
class PacketPage : public QWidget {
  Q_OBJECT
public:
  explicit PacketPage(ViewState &state, QWidget *parent = nullptr);
  [[nodiscard]] bool isEmpty() const { return m_journey.stops.empty(); }

Q_SIGNALS:
  void emptyChanged();

private:
  QWidget *makeHead();
  QWidget *makeLayersTab();
  QWidget *makeBytesTab();
  QWidget *makeWhyTab();
  void refresh();
  void load(trace::Sequence record);
  void follow();
  void followLatest();
  void goToStop(std::size_t stop);
  void showStop();
  void showBytes();
  void showField();
  void showWhy();
  void tell(const analysis::LayerStory *story);

  ViewState &m_state;
  analysis::Journey m_journey;
  std::size_t m_stop = 0;
  trace::Sequence m_record = 0;
  bool m_pinned = false; ///< the user chose the hop; the packet's motion does not change it
  wire::Dissection m_dissection;

  ElidedLabel *m_title = nullptr;
  QLabel *m_subtitle = nullptr;
  Pill *m_pill = nullptr;
  IconButton *m_before = nullptr;
  IconButton *m_after = nullptr;
  TabStrip *m_tabs = nullptr;
  QStackedWidget *m_pages = nullptr;
  TowerPair *m_towers = nullptr;
  QLabel *m_sentence = nullptr;
  HexView *m_hex = nullptr;
  QLabel *m_field = nullptr;
  QTreeView *m_tree = nullptr;
  FieldModel *m_fields = nullptr;
  HexView *m_fullHex = nullptr;
  QLabel *m_fieldBelow = nullptr;
  QLabel *m_why = nullptr;
};

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;
class QScrollArea;

#include <vector>

namespace packetarium::ui {

class PaletteModel;
class SectionHeader;
class ThemeHub;
class TileList;

// What can be put into a topology, to be dragged onto the canvas or placed by Enter, with a field
// to search in it.
class PalettePanel : public QWidget {
  Q_OBJECT
public:
  explicit PalettePanel(const ThemeHub &hub, QWidget *parent = nullptr);

  // The keyboard goes to the search field.
  void startSearch();

Q_SIGNALS:
  // The key of a scenario::Placeable; the canvas chooses the place.
  void placeRequested(const QString &key);

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  struct Section {
    PaletteModel *model = nullptr;
    SectionHeader *header = nullptr;
    TileList *tiles = nullptr;
  };
  Section makeSection(PaletteModel *model, const QString &title);
  [[nodiscard]] std::vector<Section> sections() const { return {m_devices, m_services, m_groups}; }
  void filter(const QString &words);
  void walk(const TileList *from, bool below, int column);

  const ThemeHub &m_hub;
  QLineEdit *m_search;
  QLabel *m_nothing;
  QWidget *m_ground;
  Section m_devices;
  Section m_services;
  Section m_groups;
};

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/waterfall_picture.h"
#include "ui/theme/theme_hub.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace packetarium::ui {

/// The outages of one service below one another, each with its anatomy. A click on a step, or the
/// arrow keys and Return, go to the record that ends it.
class OutageBoard : public QWidget {
  Q_OBJECT
public:
  explicit OutageBoard(const ThemeHub &hub, QWidget *parent = nullptr);

  /// Of one service, oldest first.
  void setOutages(std::vector<analysis::Outage> outages);
  /// What begins later is drawn as still to come.
  void setNow(SimTime now);
  [[nodiscard]] const std::vector<analysis::Outage> &outages() const { return m_outages; }
  [[nodiscard]] std::vector<WaterfallLayout> layouts() const;
  /// A step: which outage, and which of its steps; where an outage has no such row: none.
  struct Place {
    std::size_t outage = 0, step = 0;
    bool operator==(const Place &) const = default;
  };
  [[nodiscard]] std::optional<Place> current() const { return m_current; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
  void recordWanted(quint64 record); ///< the user wants to see it; never 0
  void instantWanted(packetarium::SimTime at);
  void placeShown(const QRectF &box); ///< to be scrolled to

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  [[nodiscard]] std::vector<Place> places() const;
  [[nodiscard]] std::optional<Place> placeAt(QPointF point) const;
  [[nodiscard]] QString wordsOf(Place place) const;
  void setCurrent(std::optional<Place> place);
  void move(int by);
  void goTo(Place place);

  const ThemeHub &m_hub;
  std::vector<analysis::Outage> m_outages;
  std::optional<Place> m_current, m_hovered;
  std::optional<SimTime> m_now;
};

} // namespace packetarium::ui

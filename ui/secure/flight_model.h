// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/tls_story.h"
#include "ui/theme/theme_hub.h"

#include <QAbstractListModel>
#include <QStyledItemDelegate>
#include <QWidget>

#include <vector>

namespace packetarium::ui {

/// One line of a connection's ladder as it is shown.
struct FlightRow {
  analysis::TlsLine line;
  int flight = 1; ///< consecutive lines from one side are one flight
  bool opensFlight = false;
  bool keyChanges = false; ///< the first of its side under this key
  bool future = false;     ///< the cursor has not come to it
  bool arrived = false;    ///< at the cursor
};
/// The lines of the whole connection, those after the record marked as future.
[[nodiscard]] std::vector<FlightRow> flightRows(const analysis::TlsStory &whole,
                                                trace::Sequence upTo);

/// The messages of a handshake in order: a list of rows that a delegate draws as a ladder.
class FlightModel : public QAbstractListModel {
  Q_OBJECT
public:
  explicit FlightModel(QObject *parent = nullptr) : QAbstractListModel(parent) {}

  void setRows(std::vector<FlightRow> rows, const QString &client, const QString &server);
  [[nodiscard]] const std::vector<FlightRow> &rows() const { return m_rows; }
  /// The last row that is not future; -1: all are.
  [[nodiscard]] int current() const;
  [[nodiscard]] const QString &client() const { return m_client; }
  [[nodiscard]] const QString &server() const { return m_server; }

  [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
  std::vector<FlightRow> m_rows;
  QString m_client, m_server;
};

/// Where a ladder's lifelines stand in a width; the head and the rows share it.
struct LadderColumns {
  double client = 0, server = 0;
};
[[nodiscard]] LadderColumns ladderColumns(double width, const Typography &typography);

class FlightDelegate : public QStyledItemDelegate {
  Q_OBJECT
public:
  FlightDelegate(const ThemeHub &hub, const FlightModel &model, QObject *parent)
      : QStyledItemDelegate(parent), m_hub(hub), m_model(model) {}

  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override;
  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option,
                               const QModelIndex &index) const override;

private:
  void paintLifelines(QPainter &painter, const QRectF &box, bool focus) const;
  void paintGutter(QPainter &painter, const QRectF &box, const FlightRow &row) const;
  void paintArrow(QPainter &painter, const QRectF &box, const FlightRow &row) const;
  void paintWords(QPainter &painter, const QRectF &box, const FlightRow &row) const;

  const ThemeHub &m_hub;
  const FlightModel &m_model;
};

/// The names over the lifelines.
class LadderHead : public QWidget {
  Q_OBJECT
public:
  LadderHead(const ThemeHub &hub, QWidget *parent);
  void setNames(const QString &client, const QString &server);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

protected:
  void paintEvent(QPaintEvent *event) override;

private:
  const ThemeHub &m_hub;
  QString m_client, m_server;
};

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/real/handshake_facts.h"

#include <QWidget>

#include <optional>

class QGridLayout;
class QVBoxLayout;

namespace packetarium::ui {

class ThemeHub;

// Two handshakes side by side, fact by fact, the simulated left and the real one right, with their
// times on one scale and their certificate chains. Where a fact differs, a quiet sign says so. A
// side without a handshake shows what stands in for it.
class HandshakeComparison : public QWidget {
  Q_OBJECT
public:
  explicit HandshakeComparison(const ThemeHub &hub, QWidget *parent = nullptr);

  // Takes both over; instead is shown in the place of the real facts while there are none, and is
  // owned from here on.
  void setSides(const std::optional<HandshakeFacts> &simulated,
                const std::optional<HandshakeFacts> &real, QWidget *instead);
  // The facts by name whose values differ; empty while a side has none.
  [[nodiscard]] const QStringList &differences() const { return m_differences; }

private:
  void fill(QGridLayout &grid, const std::optional<HandshakeFacts> &simulated,
            const std::optional<HandshakeFacts> &real);
  void addHeads(QGridLayout &grid, const std::optional<HandshakeFacts> &simulated,
                const std::optional<HandshakeFacts> &real);
  void addFacts(QGridLayout &grid, const HandshakeFacts &facts, bool isReal);
  void addTimes(QGridLayout &grid, const HandshakeFacts &facts, qint64 spanNs, bool isReal);
  void addChain(QGridLayout &grid, const HandshakeFacts &facts, bool isReal);
  void markDifferences(QGridLayout &grid, const std::vector<FactRow> &left,
                       const std::vector<FactRow> &right);
  QWidget *certificate(const CertificateFacts &facts, std::size_t place, std::size_t count);

  const ThemeHub &m_hub;
  QVBoxLayout *m_column;
  QWidget *m_content = nullptr;
  QStringList m_differences;
};

} // namespace packetarium::ui

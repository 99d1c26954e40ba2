// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"
#include "ui/secure/security_pages.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QStackedWidget;

namespace packetarium::ui {

class ElidedLabel;
class EmptyState;
class Pill;
class SegmentedControl;

/// One TLS connection up to the cursor: its steps, messages, keys, negotiation and certificates.
/// The selection decides which; without one it is the latest.
class SecurityView : public QWidget {
  Q_OBJECT
public:
  enum class Page { Steps, Handshake, Keys, Negotiation, Certificate };

  explicit SecurityView(ViewState &state, QWidget *parent = nullptr);

  void setPage(Page page);
  [[nodiscard]] const SecurityShown &shown() const { return m_shown; }
  /// Index into FactBook::ends() of the connection shown; none: there is none.
  [[nodiscard]] std::optional<std::size_t> connection() const { return m_end; }
  [[nodiscard]] StepsPage &steps() const { return *m_steps; }
  [[nodiscard]] HandshakePage &handshake() const { return *m_handshake; }
  [[nodiscard]] KeysPage &keys() const { return *m_keys; }

protected:
  void showEvent(QShowEvent *event) override;

private:
  /// What the picture depends on; while it stays the same nothing is made anew.
  struct Basis {
    std::size_t end = 0;
    std::size_t factsAtCursor = 0;
    std::size_t factsInAll = 0;
    std::uint64_t edits = 0;
    bool operator==(const Basis &) const = default;
  };
  void refresh();
  void rebuildChoices(const std::vector<std::size_t> &all);
  [[nodiscard]] std::optional<std::size_t> wanted(const std::vector<std::size_t> &all) const;
  [[nodiscard]] bool concerns(const analysis::TlsEnd &end) const;
  [[nodiscard]] bool hasAddress(std::uint32_t node, wire::Ipv4Address address) const;
  void tell();
  void showPage();
  void sayEmpty();

  ViewState &m_state;
  QComboBox *m_choice;
  SegmentedControl *m_tabs;
  Pill *m_statePill;
  ElidedLabel *m_summary;
  QStackedWidget *m_pages;
  StepsPage *m_steps;
  HandshakePage *m_handshake;
  KeysPage *m_keys;
  NegotiationPage *m_negotiation;
  CertificatePage *m_certificate;
  QWidget *m_content;
  EmptyState *m_empty;
  SecurityShown m_shown;
  std::optional<std::size_t> m_end;
  std::optional<std::size_t> m_chosen; ///< in the list, by the user, until something is selected
  std::optional<Basis> m_basis;
  std::vector<std::size_t> m_listed;
  std::uint64_t m_edits = 0;
  int m_pageShown = -1;
};

} // namespace packetarium::ui

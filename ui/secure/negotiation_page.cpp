// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secure/security_pages.h"
#include "ui/secure/security_words.h"
#include "ui/theme/apply_theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

struct NegotiationRow {
  std::string_view offer, choice;
  const char *title;
};

constexpr NegotiationRow negotiationRows[] = {
    {"server name", "", QT_TR_NOOP("Host")},
    {"versions", "version", QT_TR_NOOP("Version")},
    {"cipher suites", "cipher suite", QT_TR_NOOP("Cipher suite")},
    {"groups", "group", QT_TR_NOOP("Group")},
    {"key shares", "group", QT_TR_NOOP("Key shares, in clear")},
    {"signature algorithms", "server's signature", QT_TR_NOOP("Signature")},
    {"application protocols", "application protocol", QT_TR_NOOP("Application protocol")},
    {"early data", "early data", QT_TR_NOOP("Early data")},
};

QString offeredText(const analysis::TlsOfferRow &offer, const QString &chosen, const Theme &theme) {
  QStringList parts;
  for (const std::string &value : offer.values) {
    const QString text = QString::fromStdString(value).toHtmlEscaped();
    parts.push_back(
        QString::fromStdString(value) == chosen
            ? QStringLiteral("<b style=\"color:%1\">✓&nbsp;%2</b>").arg(theme.good.name(), text)
            : text);
  }
  return parts.join(QStringLiteral(" &nbsp;·&nbsp; "));
}

QLabel *cell(QWidget *parent, const QString &text, TextRole role) {
  auto *label = new QLabel(text, parent);
  label->setWordWrap(true);
  label->setTextFormat(Qt::RichText);
  label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  setTextRole(*label, role);
  return label;
}

} // namespace

NegotiationPage::NegotiationPage(ViewState &state, QWidget *parent)
    : QWidget(parent), m_state(state), m_sheet(new QWidget) {
  setSurface(*m_sheet, Surface::Panel);
  m_grid = new QGridLayout(m_sheet);
  m_grid->setContentsMargins(0, 2, 8, 4);
  m_grid->setHorizontalSpacing(16);
  m_grid->setVerticalSpacing(6);
  m_grid->setColumnStretch(1, 5);
  m_grid->setColumnStretch(2, 3);
  auto *area = new QScrollArea(this);
  area->setWidget(m_sheet);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(area);
  connect(&state.hub(), &ThemeHub::changed, this, &NegotiationPage::fill);
}

void NegotiationPage::show(const SecurityShown &shown) {
  m_shown = shown;
  fill();
}

void NegotiationPage::fill() {
  while (QLayoutItem *item = m_grid->takeAt(0)) {
    if (item->widget() != nullptr) item->widget()->deleteLater();
    delete item;
  }
  const Theme &theme = m_state.theme();
  const auto put = [this](int row, int column, const QString &text, TextRole role) {
    m_grid->addWidget(cell(m_sheet, text, role), row, column);
  };
  put(0, 1, tr("What the client offers").toHtmlEscaped(), TextRole::Section);
  put(0, 2, tr("What the server chose").toHtmlEscaped(), TextRole::Section);
  int row = 1;
  for (const NegotiationRow &r : negotiationRows) {
    const auto *offer = m_shown.now.offer(r.offer);
    const auto *choice = r.choice.empty() ? nullptr : m_shown.now.choice(r.choice);
    if (offer == nullptr && choice == nullptr) continue;
    const QString chosen = choice == nullptr ? QString() : QString::fromStdString(choice->value);
    put(row, 0, tr(r.title).toHtmlEscaped(), TextRole::Secondary);
    put(row, 1, offer == nullptr ? QString() : offeredText(*offer, chosen, theme), TextRole::Body);
    const QString why = choice == nullptr ? QString() : QString::fromStdString(choice->detail);
    const bool repeated = r.offer == "key shares";
    QString said =
        chosen.isEmpty() ? QString() : QStringLiteral("<b>%1</b>").arg(chosen.toHtmlEscaped());
    if (!why.isEmpty() && !repeated)
      said += QStringLiteral("<br><span style=\"color:%1\">%2</span>")
                  .arg(theme.dim.name(), why.toHtmlEscaped());
    if (chosen.isEmpty() && !r.choice.empty())
      said = QStringLiteral("<span style=\"color:%1\">%2</span>")
                 .arg(theme.dim.name(), tr("not yet").toHtmlEscaped());
    if (r.choice.empty())
      said = QStringLiteral("<span style=\"color:%1\">%2</span>")
                 .arg(theme.dim.name(), tr("picks the certificate by it").toHtmlEscaped());
    put(row++, 2, said, TextRole::Body);
  }
  if (row == 1) put(1, 1, tr("Nothing yet: the client has not said hello."), TextRole::Secondary);
  m_grid->setRowStretch(m_grid->rowCount(), 1);
}

} // namespace packetarium::ui

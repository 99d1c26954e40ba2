// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/secure.h"
#include "ui/secure/security_pages.h"
#include "ui/secure/security_words.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/widgets/paint.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

using analysis::TlsCertificateRow;
using analysis::TlsCheckRow;

constexpr int cardWidth = 204, faintWidth = 140, checksWidth = 236;

/// A sheet with a frame; faint: it was not sent.
class CertificateCard : public QWidget {
public:
  CertificateCard(const ThemeHub &hub, bool faint, QWidget *parent)
      : QWidget(parent), m_hub(hub), m_faint(faint) {}

protected:
  void paintEvent(QPaintEvent *) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme &theme = m_hub.theme();
    paintFrame(painter, rect(), 8, m_faint ? theme.panel : theme.well, theme.line);
  }

private:
  const ThemeHub &m_hub;
  bool m_faint;
};

QString rowText(const QString &key, const QString &value, const Theme &theme) {
  if (value.isEmpty()) return {};
  return QStringLiteral("<br><span style=\"color:%1\">%2</span> %3")
      .arg(theme.dim.name(), key.toHtmlEscaped(), value.toHtmlEscaped());
}

QString grouped(const QString &hex, int bytes) { return shortHex(hex, bytes).toUpper(); }

QString validityText(const TlsCertificateRow &c, std::int64_t now, const Theme &theme) {
  const QString from = calendarWords(c.notBefore).left(10), to = calendarWords(c.notAfter).left(10);
  const bool good = now >= c.notBefore && now <= c.notAfter;
  const QString verdict = good                ? QObject::tr("valid")
                          : now < c.notBefore ? QObject::tr("not valid yet")
                                              : QObject::tr("expired");
  return QStringLiteral(
             "<br><span style=\"color:%1\">%2</span> %3 – %4 <b style=\"color:%5\">%6</b>")
      .arg(theme.dim.name(), QObject::tr("Validity"), from, to,
           (good ? theme.good : theme.bad).name(), verdict);
}

QString cardText(const TlsCertificateRow &c, std::int64_t now, const Theme &theme) {
  if (!c.readable) return QObject::tr("This is no certificate.");
  QStringList names;
  for (const std::string &n : c.names) names.push_back(QString::fromStdString(n));
  const auto text = [](const std::string &s) { return QString::fromStdString(s); };
  QString out = QStringLiteral("<b>%1</b>").arg(text(c.commonName).toHtmlEscaped());
  out += rowText(QObject::tr("Names"), names.join(QStringLiteral(", ")), theme);
  out += rowText(QObject::tr("Issued by"), text(c.issuer), theme);
  out += validityText(c, now, theme);
  out += rowText(QObject::tr("Key"), text(c.key), theme);
  out += rowText(QObject::tr("Signature"), text(c.signature), theme);
  out += rowText(QObject::tr("Serial"), text(c.serial), theme);
  out += rowText(QObject::tr("SHA-256"), grouped(text(c.fingerprint), 8), theme);
  return out;
}

QLabel *richLabel(const QString &text, QWidget *parent) {
  auto *label = new QLabel(text, parent);
  label->setTextFormat(Qt::RichText);
  label->setWordWrap(true);
  label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  setTextRole(*label, TextRole::Body);
  label->setMargin(0);
  return label;
}

void emptyOut(QLayout &layout) {
  while (QLayoutItem *item = layout.takeAt(0)) {
    if (item->widget() != nullptr) item->widget()->deleteLater();
    delete item;
  }
}

QString verdictMark(TlsCheckRow::Verdict verdict, const Theme &theme) {
  using Verdict = TlsCheckRow::Verdict;
  if (verdict == Verdict::Passed)
    return QStringLiteral("<b style=\"color:%1\">✓</b>").arg(theme.good.name());
  if (verdict == Verdict::Failed)
    return QStringLiteral("<b style=\"color:%1\">✗</b>").arg(theme.bad.name());
  return QStringLiteral("<span style=\"color:%1\">–</span>").arg(theme.dim.name());
}

QString checkText(const TlsCheckRow &check, const Theme &theme) {
  const Sourced told = sourced(check.detail);
  const bool open = check.verdict == TlsCheckRow::Verdict::NotReached;
  return QStringLiteral("%1 <b>%2</b> <span style=\"color:%3\">%4</span> <span "
                        "style=\"color:%5\">%6</span>")
      .arg(verdictMark(check.verdict, theme), QString::fromStdString(check.name).toHtmlEscaped(),
           theme.dim.name(), (open ? QObject::tr("not reached") : told.text).toHtmlEscaped(),
           theme.accent.name(), told.reference.toHtmlEscaped());
}

} // namespace

CertificatePage::CertificatePage(ViewState &state, QWidget *parent)
    : QWidget(parent), m_state(state), m_content(new QWidget) {
  setSurface(*m_content, Surface::Panel);
  auto *across = new QHBoxLayout(m_content);
  across->setContentsMargins(0, 2, 8, 4);
  across->setSpacing(12);
  m_cards = new QHBoxLayout;
  m_cards->setSpacing(8);
  m_checks = new QVBoxLayout;
  m_checks->setSpacing(4);
  across->addLayout(m_cards);
  across->addLayout(m_checks, 1);
  auto *area = new QScrollArea(this);
  area->setWidget(m_content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setAccessibleName(tr("Certificates and checks"));
  m_empty = new QLabel(this);
  m_empty->setWordWrap(true);
  setTextRole(*m_empty, TextRole::Secondary);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(m_empty);
  whole->addWidget(area, 1);
  connect(&state.hub(), &ThemeHub::changed, this, &CertificatePage::fill);
}

void CertificatePage::show(const SecurityShown &shown) {
  m_shown = shown;
  fill();
}

void CertificatePage::fill() {
  emptyOut(*m_cards);
  emptyOut(*m_checks);
  const Theme &theme = m_state.theme();
  const Typography &type = m_state.typography();
  const auto addCard = [&](const QString &place, const QString &text, bool faint) {
    auto *card = new CertificateCard(m_state.hub(), faint, m_content);
    card->setFixedWidth(type.px(faint ? faintWidth : cardWidth));
    auto *column = new QVBoxLayout(card);
    column->setContentsMargins(10, 8, 10, 8);
    column->setSpacing(2);
    auto *head = new QLabel(place, card);
    setTextRole(*head, TextRole::Section);
    column->addWidget(head);
    column->addWidget(richLabel(text, card));
    column->addStretch(1);
    m_cards->addWidget(card, 0, Qt::AlignTop);
  };
  std::vector<TlsCertificateRow> chain;
  const TlsCertificateRow *root = nullptr;
  for (const TlsCertificateRow &c : m_shown.now.certificates) {
    if (c.ofServer && c.stored) root = &c;
    if (c.ofServer && !c.stored) chain.push_back(c);
  }
  std::sort(chain.begin(), chain.end(),
            [](const auto &a, const auto &b) { return a.place < b.place; });
  const std::int64_t now = programs::calendarMs(m_state.now()) / 1000;
  for (const TlsCertificateRow &c : chain)
    addCard(c.place == 1   ? tr("Leaf")
            : c.selfIssued ? tr("Root")
                           : tr("Intermediate"),
            cardText(c, now, theme), false);
  if (root != nullptr && !chain.empty())
    addCard(tr("Root, in the trust store"), cardText(*root, now, theme), false);
  else if (!chain.empty() && chain.back().readable && !chain.back().selfIssued)
    addCard(tr("Root, not sent"),
            QStringLiteral("<b>%1</b><br><span style=\"color:%2\">%3</span>")
                .arg(QString::fromStdString(chain.back().issuer).toHtmlEscaped(), theme.dim.name(),
                     tr("The client must have it already: trust cannot be sent along.")),
            true);
  for (const TlsCheckRow &check : m_shown.now.checks)
    if (check.byClient) {
      QLabel *label = richLabel(checkText(check, theme), m_content);
      label->setMinimumWidth(type.px(checksWidth));
      m_checks->addWidget(label);
    }
  for (const std::string &note : m_shown.now.notes)
    m_checks->addWidget(richLabel(QString::fromStdString(note).toHtmlEscaped(), m_content));
  if (m_checks->count() == 0 && !chain.empty())
    m_checks->addWidget(richLabel(tr("The client has not checked it yet."), m_content));
  m_checks->addStretch(1);
  const bool resumed = m_shown.now.how.find("resumed") != std::string::npos;
  m_empty->setText(resumed ? tr("No certificate travels when a session is resumed: the key from "
                                "before shows that it is the same server.")
                           : tr("The server has not shown its certificate yet."));
  m_empty->setVisible(chain.empty());
  m_content->setVisible(!chain.empty());
}

} // namespace packetarium::ui

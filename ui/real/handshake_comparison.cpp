// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/real/handshake_comparison.h"

#include "ui/real/phase_bars.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/rows.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

// Columns of the grid.
constexpr int keys = 0, left = 1, sign = 2, right = 3;
constexpr int head = 0, firstFact = 1;

int factCount() { return static_cast<int>(rowsOf({}).size()); }
int timesHead() { return firstFact + factCount(); }
int chainHead() { return timesHead() + 1; }
int lastRow() { return chainHead() + 1; }

int columnOf(bool isReal) { return isReal ? right : left; }

QLabel *paragraph(const QString &text, TextRole role, QWidget *parent) {
  auto *label = new QLabel(parent);
  label->setTextFormat(Qt::PlainText);
  label->setText(text);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  setTextRole(*label, role);
  return label;
}

QString placeName(std::size_t place, std::size_t count) {
  if (place == 0) return HandshakeComparison::tr("of the server");
  return place + 1 == count ? HandshakeComparison::tr("last that was sent")
                            : HandshakeComparison::tr("between");
}

// A run of pairs has no place to break at: 16 of them make a line.
QString inLines(const QString &pairs) {
  constexpr qsizetype line = 16 * 3;
  QStringList lines;
  for (qsizetype at = 0; at < pairs.size(); at += line) lines << pairs.mid(at, line);
  return lines.join(u'\n');
}

} // namespace

HandshakeComparison::HandshakeComparison(const ThemeHub &hub, QWidget *parent)
    : QWidget(parent), m_hub(hub), m_column(new QVBoxLayout(this)) {
  m_column->setContentsMargins(0, 0, 0, 0);
  setSurface(*this, Surface::Panel);
}

void HandshakeComparison::setSides(const std::optional<HandshakeFacts> &simulated,
                                   const std::optional<HandshakeFacts> &real, QWidget *instead) {
  m_differences.clear();
  QWidget *before = m_content;
  m_content = new QWidget(this);
  const Typography &type = m_hub.typography();
  auto *grid = new QGridLayout(m_content);
  grid->setContentsMargins(type.px(20), type.px(12), type.px(20), type.px(16));
  grid->setHorizontalSpacing(type.px(12));
  grid->setVerticalSpacing(type.px(8));
  grid->setColumnStretch(left, 1);
  grid->setColumnStretch(right, 1);
  for (const int side : {left, right}) grid->setColumnMinimumWidth(side, type.px(280));
  grid->setColumnMinimumWidth(sign, type.px(16));
  addHeads(*grid, simulated, real);
  fill(*grid, simulated, real);
  const int rows = lastRow() - firstFact;
  if (!simulated) {
    auto *empty = new EmptyState(
        m_hub, "play", tr("Play an HTTPS scenario to the end of its handshake and it stands here."),
        m_content);
    grid->addWidget(empty, firstFact, left, rows, 1, real ? Qt::AlignTop : Qt::Alignment());
  }
  if (!real && instead != nullptr) grid->addWidget(instead, firstFact, right, rows, 1);
  grid->setRowStretch(simulated || real ? lastRow() : firstFact, 1);
  m_column->addWidget(m_content);
  m_content->show(); // at once: the layout would do it an event later, and the ground would flash
  delete before;
}

void HandshakeComparison::fill(QGridLayout &grid, const std::optional<HandshakeFacts> &simulated,
                               const std::optional<HandshakeFacts> &real) {
  if (!simulated && !real) return;
  const std::vector<FactRow> names = rowsOf({});
  for (std::size_t i = 0; i < names.size(); ++i) {
    QLabel *key = paragraph(names[i].key, TextRole::Secondary, m_content);
    key->setFixedWidth(m_hub.typography().px(88));
    grid.addWidget(key, firstFact + int(i), keys, Qt::AlignTop);
  }
  const qint64 spanNs = std::max(simulated ? PhaseBars::endOf(simulated->phases) : 0,
                                 real ? PhaseBars::endOf(real->phases) : 0);
  for (const auto &[row, name] :
       {std::pair{timesHead(), tr("TIMES")}, {chainHead(), tr("CERTIFICATES")}}) {
    auto *title = new SectionHeader(m_hub, name, {}, m_content);
    title->setFixedHeight(m_hub.typography().px(20)); // as high as a bar's row
    grid.addWidget(title, row, keys, Qt::AlignTop);
  }
  for (const auto &[facts, isReal] : {std::pair{&simulated, false}, {&real, true}}) {
    if (!*facts) continue;
    addFacts(grid, **facts, isReal);
    addTimes(grid, **facts, spanNs, isReal);
    addChain(grid, **facts, isReal);
  }
  if (simulated && real) markDifferences(grid, rowsOf(*simulated), rowsOf(*real));
}

void HandshakeComparison::addHeads(QGridLayout &grid,
                                   const std::optional<HandshakeFacts> &simulated,
                                   const std::optional<HandshakeFacts> &real) {
  grid.addWidget(new SectionHeader(m_hub, tr("SIMULATED"), simulated ? simulated->title : QString(),
                                   m_content),
                 head, left);
  grid.addWidget(new SectionHeader(m_hub, tr("REAL"), real ? real->title : QString(), m_content),
                 head, right);
}

void HandshakeComparison::addFacts(QGridLayout &grid, const HandshakeFacts &facts, bool isReal) {
  const std::vector<FactRow> rows = rowsOf(facts);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto *cell = new QWidget(m_content);
    auto *column = new QVBoxLayout(cell);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(1);
    // The last of them is the verdict on the chain.
    const bool warns = i + 1 == rows.size() && facts.verdict == ChainVerdict::NotTrusted;
    QLabel *value = paragraph(rows[i].fact.value, warns ? TextRole::Warn : TextRole::Body, cell);
    value->setAccessibleName(rows[i].key);
    column->addWidget(value);
    if (!rows[i].fact.remark.isEmpty())
      column->addWidget(paragraph(rows[i].fact.remark, TextRole::Secondary, cell));
    grid.addWidget(cell, firstFact + int(i), columnOf(isReal), Qt::AlignTop);
  }
}

void HandshakeComparison::addTimes(QGridLayout &grid, const HandshakeFacts &facts, qint64 spanNs,
                                   bool isReal) {
  auto *bars = new PhaseBars(m_hub, m_content);
  bars->setPhases(facts.phases, spanNs);
  grid.addWidget(bars, timesHead(), columnOf(isReal), Qt::AlignTop);
}

void HandshakeComparison::addChain(QGridLayout &grid, const HandshakeFacts &facts, bool isReal) {
  auto *cell = new QWidget(m_content);
  auto *column = new QVBoxLayout(cell);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(m_hub.typography().px(16));
  for (std::size_t i = 0; i < facts.chain.size(); ++i)
    column->addWidget(certificate(facts.chain[i], i, facts.chain.size()));
  if (facts.chain.empty())
    column->addWidget(paragraph(tr("None was sent."), TextRole::Secondary, cell));
  grid.addWidget(cell, chainHead(), columnOf(isReal), Qt::AlignTop);
}

QWidget *HandshakeComparison::certificate(const CertificateFacts &facts, std::size_t place,
                                          std::size_t count) {
  auto *box = new QWidget(m_content);
  auto *column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(m_hub.typography().px(3));
  column->addWidget(paragraph(facts.subject, TextRole::Name, box));
  column->addWidget(paragraph(placeName(place, count), TextRole::Secondary, box));
  const QString valid = facts.validFrom.isEmpty() && facts.validTo.isEmpty()
                            ? QString()
                            : tr("%1 to\n%2").arg(facts.validFrom, facts.validTo);
  const std::pair<QString, QString> rows[] = {{tr("Issued by"), facts.issuer},
                                              {tr("Names"), facts.names.join(QStringLiteral(", "))},
                                              {tr("Valid"), valid},
                                              {tr("Key"), facts.key},
                                              {tr("Signed with"), facts.signature},
                                              {tr("Serial"), facts.serial},
                                              {tr("SHA-256"), facts.fingerprint}};
  for (const auto &[key, value] : rows) {
    if (value.isEmpty()) continue;
    const bool pairs = value == facts.fingerprint || value == facts.serial;
    auto *row = new KeyValueRow(m_hub, key, pairs ? inLines(value) : value, {}, box);
    row->setKeyWidth(72);
    column->addWidget(row);
  }
  return box;
}

void HandshakeComparison::markDifferences(QGridLayout &grid, const std::vector<FactRow> &mine,
                                          const std::vector<FactRow> &theirs) {
  for (std::size_t i = 0; i < mine.size(); ++i) {
    if (!differ(mine[i].fact, theirs[i].fact)) continue;
    m_differences << mine[i].key;
    auto *mark = new QLabel(QStringLiteral("≠"), m_content);
    mark->setAlignment(Qt::AlignHCenter);
    mark->setAccessibleName(tr("%1 differs").arg(mine[i].key));
    mark->setToolTip(tr("%1: the two differ").arg(mine[i].key));
    setTextRole(*mark, TextRole::Warn);
    grid.addWidget(mark, firstFact + int(i), sign, Qt::AlignTop);
  }
}

} // namespace packetarium::ui

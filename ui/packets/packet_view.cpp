// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/packets/packet_view.h"

#include "ui/packets/packet_delegate.h"
#include "ui/packets/packet_match.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/tables.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QStackedLayout>
#include <QStyle>
#include <QTableView>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

constexpr int typingMs = 180;

QString filterHelp() {
  return PacketView::tr("Type a filter, as in a packet analyser:\n"
                        "  dns\n"
                        "  tcp.flags.syn && ip.dst == 192.0.2.1\n"
                        "  tcp.port in {80, 443} and !tcp.flags.ack\n"
                        "  ip.addr == 10.0.0.0/24\n"
                        "  http.host contains \"example\"\n"
                        "  node == \"browser\" and dropped\n"
                        "  retransmission or reason == \"queue-full\"\n"
                        "  frame.time < 500 (milliseconds)\n"
                        "A word that is no field is searched in the info column.");
}

} // namespace

PacketView::PacketView(ViewState &state, QWidget *parent)
    : QWidget(parent),
      m_state(state),
      m_model(new PacketModel(state, this)),
      m_field(new QLineEdit(this)),
      m_error(new QLabel(this)),
      m_count(new QLabel(this)),
      m_rows(new SegmentedControl(state.hub(), this)),
      m_table(new QTableView(this)),
      m_empty(new EmptyState(state.hub(), "list", {}, this)),
      m_stack(new QStackedLayout) {
  setSurface(*this, Surface::Panel);
  setAccessibleName(tr("Packets"));
  buildBar();
  buildTable();
  auto *bar = new QHBoxLayout;
  bar->setContentsMargins(12, 6, 12, 6);
  bar->setSpacing(12);
  auto *field = new QVBoxLayout;
  field->setSpacing(2);
  field->addWidget(m_field);
  field->addWidget(m_error);
  bar->addLayout(field, 1);
  bar->addWidget(m_count, 0, Qt::AlignTop);
  bar->addWidget(m_rows, 0, Qt::AlignTop);
  m_stack->addWidget(m_table);
  m_stack->addWidget(m_empty);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->setSpacing(0);
  whole->addLayout(bar);
  whole->addLayout(m_stack, 1);
  setTabOrder(m_field, m_rows);
  setTabOrder(m_rows, m_table);

  connect(m_empty, &EmptyState::actionTriggered, this, [this] {
    m_field->clear();
    applyFilter();
    m_field->setFocus();
  });
  connect(m_model, &PacketModel::progressed, this, [this] {
    refreshCount();
    refreshEmpty();
  });
  connect(&state, &ViewState::selectionChanged, this, &PacketView::onSelection);
  connect(&state, &ViewState::frameChanged, this, &PacketView::follow);
  connect(&state, &ViewState::rebuilt, this, [this] { m_following = true; });
  connect(&state.hub(), &ThemeHub::changed, this, &PacketView::refit);
  refit();
  refreshCount();
  refreshEmpty();
  onSelection();
}

void PacketView::buildBar() {
  m_field->setPlaceholderText(tr("Filter: dns, or tcp.flags.syn && ip.dst == 192.0.2.1"));
  m_field->setToolTip(filterHelp());
  m_field->setAccessibleName(tr("Filter of the packet list"));
  m_field->setAccessibleDescription(filterHelp());
  m_fieldIcon = m_field->addAction(QIcon(), QLineEdit::LeadingPosition);
  m_clear = m_field->addAction(QIcon(), QLineEdit::TrailingPosition);
  m_clear->setToolTip(tr("Clear filter (Esc)"));
  m_clear->setVisible(false);
  connect(m_clear, &QAction::triggered, this, [this] {
    m_field->clear();
    applyFilter();
  });
  connect(m_field, &QLineEdit::textChanged, m_clear,
          [this](const QString &text) { m_clear->setVisible(!text.isEmpty()); });
  m_field->installEventFilter(this);
  setTextRole(*m_error, TextRole::Bad);
  m_error->hide();
  m_error->setAccessibleName(tr("What is wrong with the filter"));
  setTextRole(*m_count, TextRole::Secondary);
  m_rows->addSegment(tr("Packets"), tr("One row for each packet, as its sender sent it"));
  m_rows->addSegment(tr("Frames"), tr("One row for each time a packet crosses a link"));
  m_rows->setAccessibleName(tr("What is a row"));
  m_typing.setSingleShot(true);
  m_typing.setInterval(typingMs);
  connect(m_field, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
  connect(m_field, &QLineEdit::returnPressed, this, &PacketView::applyFilter);
  connect(&m_typing, &QTimer::timeout, this, &PacketView::applyFilter);
  connect(m_rows, &SegmentedControl::currentChanged, this, [this](int i) {
    m_model->setMode(i == 0 ? analysis::PacketRows::Origins : analysis::PacketRows::Frames);
    onSelection();
    follow();
  });
}

void PacketView::buildTable() {
  prepareTable(m_state.hub(), *m_table);
  m_table->setModel(m_model);
  m_table->setItemDelegate(new PacketDelegate(m_state, *m_model, m_table));
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_table->setAccessibleName(tr("Packet list"));
  m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
  m_table->horizontalHeader()->setMinimumSectionSize(24);
  m_table->installEventFilter(this);
  m_table->viewport()->installEventFilter(this);
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &PacketView::onCurrent);
  connect(m_table, &QTableView::doubleClicked, this, [this](const QModelIndex &index) {
    m_state.playback().seekToRecord(m_model->sentOf(index.row()));
  });
  connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, &PacketView::onScrolled);
}

void PacketView::refit() {
  const Typography &type = m_state.typography();
  const Theme &theme = m_state.theme();
  m_fieldIcon->setIcon(icon("filter", theme, theme.dim));
  m_clear->setIcon(icon("close", theme, theme.dim));
  m_field->setFont(type.mono());
  m_error->setFont(type.secondary());
  m_count->setFixedHeight(m_field->sizeHint().height());
  fitColumns();
  m_table->viewport()->update();
}

// The info column has the rest: where that would be too little, addresses give way first, and in a
// very narrow view the number and the length.
void PacketView::fitColumns() {
  constexpr int infoMin = 250, addressMin = 104, addressMax = 184, narrow = 620;
  constexpr int number = 56, time = 100, protocol = 84, length = 56;
  const Typography &type = m_state.typography();
  const int room = static_cast<int>(m_table->viewport()->width() / type.scale());
  const bool isNarrow = room < narrow;
  m_table->setColumnHidden(PacketModel::Number, isNarrow);
  m_table->setColumnHidden(PacketModel::Length, isNarrow);
  const int fixed = time + protocol + (isNarrow ? 0 : number + length);
  const int address = std::clamp((room - fixed - infoMin) / 2, addressMin, addressMax);
  const int widths[] = {number, time, address, address, protocol, length};
  for (int i = 0; i < PacketModel::Info; ++i) m_table->setColumnWidth(i, type.px(widths[i]));
}

// ---- the filter -------------------------------------------------------------------------------

void PacketView::applyFilter() {
  m_typing.stop();
  const std::string text = m_field->text().toStdString();
  auto filter = parsePacketFilter(text);
  if (!filter) {
    showError(QString::fromStdString(filter.faults().front().message));
    return;
  }
  showError({});
  m_settingCurrent = true;
  m_model->setFilter(std::move(filter).value());
  m_settingCurrent = false;
  onSelection();
  follow();
}

void PacketView::showError(const QString &message) {
  const bool bad = !message.isEmpty();
  m_error->setText(
      bad ? tr("Not a filter yet, %1. The list shows the last one that was.").arg(message)
          : QString());
  m_error->setVisible(bad);
  m_field->setProperty("invalid", bad);
  m_field->style()->unpolish(m_field);
  m_field->style()->polish(m_field);
  m_field->setFont(m_state.typography().mono());
}

void PacketView::refreshCount() {
  const auto total = static_cast<qint64>(m_model->total());
  const QString all = formatCount(total);
  if (!m_model->isFiltered()) {
    const bool frames = m_model->mode() == analysis::PacketRows::Frames;
    m_count->setText(frames ? tr("%1 frames").arg(all) : tr("%1 packets").arg(all));
    return;
  }
  const QString matches = formatCount(m_model->rowCount());
  const QString text = tr("%1 of %2 match").arg(matches, all);
  const auto examined = static_cast<double>(m_model->examined());
  m_count->setText(m_model->isFiltering() && total > 0
                       ? tr("%1 · looked at %2").arg(text, formatPercent(examined / double(total)))
                       : text);
}

void PacketView::refreshEmpty() {
  const bool empty = m_model->rowCount() == 0;
  const bool filtered = m_model->isFiltered() && m_model->total() > 0;
  m_stack->setCurrentIndex(empty ? 1 : 0);
  if (!empty) return;
  m_empty->setIconName(filtered ? "filter" : "list");
  if (!filtered)
    m_empty->setSentence(
        tr("No packet has been sent yet. Press play, and each one that is sent appears here."));
  else if (m_model->isFiltering())
    m_empty->setSentence(tr("No match so far; still looking."));
  else
    m_empty->setSentence(tr("No packet of this run matches the filter."));
  m_empty->setAction(filtered ? tr("Clear filter") : QString());
}

// ---- selection and cursor ---------------------------------------------------------------------

void PacketView::onSelection() {
  const auto row = m_model->rowOf(m_state.selection());
  m_settingCurrent = true;
  if (row) {
    const QModelIndex index = m_model->index(*row, 0);
    if (index.row() != m_table->currentIndex().row()) {
      m_table->setCurrentIndex(m_model->index(*row, 0));
      m_table->scrollTo(index);
    } else {
      m_table->selectRow(*row);
    }
  } else {
    m_table->clearSelection();
    m_table->setCurrentIndex({});
  }
  m_settingCurrent = false;
}

void PacketView::onCurrent(const QModelIndex &current) {
  if (m_settingCurrent || !current.isValid()) return;
  m_state.selectRecord(m_model->sentOf(current.row()));
}

void PacketView::follow() {
  if (!isVisible() || !m_following || m_model->rowCount() == 0) return;
  // While nothing plays, the chosen packet keeps its place in sight.
  const int row = std::max(0, m_model->presentRows() - 1);
  m_scrolling = true;
  // A row of what comes next stays in sight below.
  m_table->scrollTo(m_model->index(std::min(row + 1, m_model->rowCount() - 1), 0));
  m_table->scrollTo(m_model->index(row, 0));
  m_scrolling = false;
}

bool PacketView::isPresentInSight() const {
  const QModelIndex index = m_model->index(std::max(0, m_model->presentRows() - 1), 0);
  return m_table->viewport()->rect().intersects(m_table->visualRect(index));
}

// Scrolling away stops following; scrolling back to the present takes it up again.
void PacketView::onScrolled() {
  if (m_scrolling || m_settingCurrent || m_model->rowCount() == 0) return;
  m_following = isPresentInSight();
}

void PacketView::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  follow();
}

KeyHelpGroup PacketView::keyHelp() {
  return {tr("In the list of packets"),
          {{tr("Previous, next packet"), {Qt::Key_Up, Qt::Key_Down}, {}},
           {tr("A page up, down"), {Qt::Key_PageUp, Qt::Key_PageDown}, {}},
           {tr("First, last packet"), {Qt::Key_Home, Qt::Key_End}, {}},
           {tr("Go to when it was sent"), {Qt::Key_Return}, {}},
           {tr("Copy the row"), {QKeySequence(QKeySequence::Copy)}, {}}}};
}

bool PacketView::eventFilter(QObject *watched, QEvent *event) {
  if (event->type() == QEvent::Resize && watched == m_table->viewport()) fitColumns();
  if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
  auto *key = static_cast<QKeyEvent *>(event);
  if (watched == m_table && key->matches(QKeySequence::Copy)) {
    copyRows();
    return true;
  }
  const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
  if (watched == m_table && enter && m_table->currentIndex().isValid()) {
    m_state.playback().seekToRecord(m_model->sentOf(m_table->currentIndex().row()));
    return true;
  }
  if (watched == m_field && key->key() == Qt::Key_Escape && !m_field->text().isEmpty()) {
    m_field->clear();
    return true;
  }
  if (watched == m_field && key->key() == Qt::Key_Down) {
    m_table->setFocus();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void PacketView::copyRows() const {
  const QModelIndex current = m_table->currentIndex();
  if (!current.isValid()) return;
  QStringList cells;
  for (int column = 0; column < PacketModel::ColumnCount; ++column)
    cells << m_model->index(current.row(), column).data(Qt::AccessibleTextRole).toString();
  QApplication::clipboard()->setText(cells.join(QLatin1Char('\t')));
}

KeyHelpGroup packetKeys() { return PacketView::keyHelp(); }

QWidget *makePacketView(ViewState &state, QWidget *parent) { return new PacketView(state, parent); }

} // namespace packetarium::ui

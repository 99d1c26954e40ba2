// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secure/security_pages.h"

#include "ui/secure/flight_model.h"
#include "ui/secure/key_canvas.h"
#include "ui/secure/message_detail.h"
#include "ui/secure/security_words.h"
#include "ui/secure/steps_strip.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/clamped_label.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

QLabel *paragraph(QWidget *parent, TextRole role) {
  auto *label = new QLabel(parent);
  label->setWordWrap(true);
  label->setTextFormat(Qt::PlainText);
  label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  setTextRole(*label, role);
  return label;
}

QString capital(const QString &sentence) { return sentence.left(1).toUpper() + sentence.mid(1); }

QScrollArea *scrolling(QWidget *content, QWidget *parent) {
  auto *area = new QScrollArea(parent);
  setSurface(*content, Surface::Panel);
  area->setWidget(content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  return area;
}

} // namespace

// ---- steps ------------------------------------------------------------------------------------

StepsPage::StepsPage(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  auto *sheet = new QWidget;
  m_strip = new StepsStrip(state.hub(), sheet);
  m_caption = paragraph(sheet, TextRole::Body);
  m_layers = paragraph(sheet, TextRole::Secondary);
  m_layers->setText(layerWords());
  auto *column = new QVBoxLayout(sheet);
  column->setContentsMargins(0, 2, 0, 2);
  column->setSpacing(6);
  column->addWidget(m_strip);
  column->addWidget(m_caption);
  column->addWidget(m_layers);
  column->addStretch(1);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(scrolling(sheet, this));
  connect(m_strip, &StepsStrip::currentChanged, this, &StepsPage::say);
  connect(m_strip, &StepsStrip::seekWanted, this,
          [this](quint64 record) { m_state.playback().seekToRecord(record); });
}

void StepsPage::show(const SecurityShown &shown) {
  m_strip->setSteps(courseSteps(shown.now, shown.tls12()));
  say();
}

void StepsPage::say() {
  const int step = m_strip->current();
  if (step < 0)
    return m_caption->setText(tr("TCP is connected; the client has not said hello yet."));
  const CourseStep &current = m_strip->steps()[static_cast<std::size_t>(step)];
  m_caption->setText(tr("%1. %2").arg(current.title, current.caption));
}

// ---- handshake --------------------------------------------------------------------------------

HandshakePage::HandshakePage(ViewState &state, QWidget *parent)
    : QWidget(parent), m_state(state), m_model(new FlightModel(this)) {
  auto *split = new QSplitter(Qt::Horizontal, this);
  split->setChildrenCollapsible(false);
  split->setHandleWidth(1);
  auto *ladder = new QWidget(split);
  m_head = new LadderHead(state.hub(), ladder);
  m_list = new QListView(ladder);
  m_list->setModel(m_model);
  m_list->setItemDelegate(new FlightDelegate(state.hub(), *m_model, m_list));
  m_list->setFrameShape(QFrame::NoFrame);
  m_list->setMouseTracking(true);
  m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_list->setAccessibleName(tr("Messages of the handshake"));
  auto *left = new QVBoxLayout(ladder);
  left->setContentsMargins(0, 0, 0, 0);
  left->setSpacing(0);
  left->addWidget(m_head);
  left->addWidget(m_list, 1);
  m_detail = new MessageDetail(state, split);
  split->addWidget(ladder);
  split->addWidget(m_detail);
  split->setSizes({500, 400});
  m_transcript = new ElidedLabel(state.hub(), {}, TextRole::Secondary, this);
  m_transcript->setElideMode(Qt::ElideMiddle);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  column->addWidget(split, 1);
  column->addWidget(m_transcript);
  connect(m_list, &QListView::clicked, this, [this](const QModelIndex &i) { goTo(i.row()); });
  connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
          [this](const QModelIndex &i) {
            if (m_list->hasFocus() && i.isValid()) goTo(i.row());
          });
  connect(&state.hub(), &ThemeHub::changed, m_list, &QListView::doItemsLayout);
}

void HandshakePage::goTo(int row) {
  const auto &rows = m_model->rows();
  if (row < 0 || row >= static_cast<int>(rows.size()) || row == m_model->current()) return;
  m_state.playback().seekToRecord(rows[static_cast<std::size_t>(row)].line.first().sequence);
}

void HandshakePage::show(const SecurityShown &shown) {
  m_head->setNames(shown.client, shown.server);
  m_model->setRows(flightRows(shown.whole, shown.upTo), shown.client, shown.server);
  const int row = m_model->current();
  {
    const QSignalBlocker quiet(m_list->selectionModel());
    const QModelIndex index = row < 0 ? QModelIndex() : m_model->index(row);
    if (index.isValid())
      m_list->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect);
    else
      m_list->selectionModel()->clear();
  }
  if (row >= 0) m_list->scrollTo(m_model->index(row), QAbstractItemView::EnsureVisible);
  m_list->viewport()->update();
  m_detail->setLine(row < 0 ? nullptr : &m_model->rows()[static_cast<std::size_t>(row)].line,
                    !shown.tls12());
  const auto &transcripts = shown.now.transcripts;
  m_transcript->setText(transcripts.empty()
                            ? tr("Transcript hash: none yet")
                            : tr("Transcript hash, up to %1: %2")
                                  .arg(QString::fromStdString(transcripts.back().upTo),
                                       QString::fromStdString(transcripts.back().hash)));
}

// ---- keys -------------------------------------------------------------------------------------

KeysPage::KeysPage(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  m_canvas = new KeyCanvas(state.hub(), nullptr);
  m_scroll = scrolling(m_canvas, this);
  m_title = new ElidedLabel(state.hub(), {}, TextRole::Name, this);
  m_value = new ElidedLabel(state.hub(), {}, TextRole::Mono, this);
  m_value->setElideMode(Qt::ElideMiddle);
  m_how = new ClampedLabel(state.hub(), this);
  m_how->setMaximumLines(1);
  m_copy = new IconButton(state.hub(), "copy", tr("Copy the value in hexadecimal"),
                          IconButton::Variant::Flat, this);
  m_copy->setEdge(22);
  auto *row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(m_title, 0);
  row->addWidget(m_value, 1);
  row->addWidget(m_copy);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  column->addWidget(m_scroll, 1);
  column->addLayout(row);
  column->addWidget(m_how);
  connect(m_canvas, &KeyCanvas::chosen, this, [this] {
    m_chosen = true;
    say();
  });
  connect(m_copy, &IconButton::clicked, this, [this] {
    const int box = m_canvas->current();
    if (box >= 0)
      QApplication::clipboard()->setText(
          m_canvas->tree().boxes[static_cast<std::size_t>(box)].value);
  });
  say();
}

void KeysPage::show(const SecurityShown &shown) {
  const int before = m_canvas->tree().newest();
  m_canvas->setTree(keyTree(shown.now, shown.tls12()));
  const int newest = m_canvas->tree().newest();
  if (newest != before) m_chosen = false; // what is new leads
  if (!m_chosen) {
    m_canvas->setCurrent(newest);
    if (newest >= 0) {
      const QRectF box =
          m_canvas->layoutAt(m_canvas->width()).boxes[static_cast<std::size_t>(newest)];
      m_scroll->ensureVisible(
          static_cast<int>(box.center().x()), static_cast<int>(box.center().y()),
          static_cast<int>(box.width() / 2) + 8, static_cast<int>(box.height() / 2) + 8);
    }
  }
  arrange();
  say();
}

void KeysPage::say() {
  const int index = m_canvas->current();
  const KeyBox *box =
      index < 0 ? nullptr : &m_canvas->tree().boxes[static_cast<std::size_t>(index)];
  m_title->setText(box == nullptr ? tr("No secret yet") : box->title);
  m_value->setText(box == nullptr         ? QString()
                   : !box->exists         ? tr("does not exist yet")
                   : box->value.isEmpty() ? QString()
                                          : box->value);
  m_copy->setEnabled(box != nullptr && !box->value.isEmpty());
  QString who;
  if (box != nullptr && box->exists)
    who = box->differs                 ? tr("The two ends have different values. ")
          : box->client && box->server ? tr("Both ends have it. ")
          : box->client                ? tr("The client has it, the server not yet. ")
                                       : tr("The server has it, the client not yet. ");
  m_how->setText(box == nullptr ? tr("Keys are made from both hellos; none ever travels.")
                                : who + capital(box->detail),
                 box == nullptr ? QString() : box->reference);
}

void KeysPage::arrange() {
  m_canvas->setCompact(m_canvas->heightFor(false) > m_scroll->viewport()->height());
}

void KeysPage::resizeEvent(QResizeEvent *event) {
  QWidget::resizeEvent(event);
  arrange();
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/palette/tile_list.h"

#include "ui/palette/palette_model.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/paint.h"

#include <QDrag>
#include <QKeyEvent>
#include <QMimeData>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace packetarium::ui {
namespace {

// At scale 1.
constexpr int tileTall = 66;
constexpr int tileWideMin = 60;

void paintTile(QPainter &painter, const ThemeHub &hub, const QRect &cell, const QString &title,
               const QString &iconName, QStyle::State state) {
  const Theme &theme = hub.theme();
  const Typography &type = hub.typography();
  const bool chosen = state.testFlag(QStyle::State_Selected);
  const bool over = state.testFlag(QStyle::State_MouseOver);
  constexpr int gap = TileList::gap;
  const QRect box = cell.adjusted(gap, gap, -gap, -gap);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const QColor fill = chosen ? theme.selection : over ? theme.hover : theme.well;
  paintFrame(painter, box, type.px(8), fill, chosen ? theme.selectionLine : theme.line);
  const int glyph = type.px(24);
  const QRectF icon(box.center().x() - (glyph - 1) / 2.0, box.top() + type.px(9), glyph, glyph);
  paintIcon(painter, iconName.toStdString(), icon, over || chosen ? theme.accent : theme.text);
  painter.setFont(type.tiny());
  painter.setPen(over || chosen ? theme.text : theme.dim);
  const QRect words(box.left() + 1, box.bottom() - type.px(20), box.width() - 2, type.px(16));
  painter.drawText(words, Qt::AlignCenter,
                   painter.fontMetrics().elidedText(title, Qt::ElideRight, words.width()));
  if (state.testFlag(QStyle::State_HasFocus)) paintFocusRing(painter, box, type.px(8), theme);
  painter.restore();
}

class TileDelegate : public QStyledItemDelegate {
public:
  TileDelegate(const ThemeHub &hub, QAbstractItemView *view)
      : QStyledItemDelegate(view), m_hub(hub), m_view(view) {}

  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override {
    QStyle::State state = option.state;
    if (!m_view->hasFocus()) state &= ~(QStyle::State_Selected | QStyle::State_HasFocus);
    paintTile(*painter, m_hub, option.rect, index.data().toString(),
              index.data(PaletteModel::IconRole).toString(), state);
  }
  QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override {
    return m_view->property("cell").toSize();
  }

private:
  const ThemeHub &m_hub;
  QAbstractItemView *m_view;
};

} // namespace

TileList::TileList(const ThemeHub &hub, PaletteModel *model, QWidget *parent)
    : QListView(parent), m_hub(hub) {
  setModel(model);
  setItemDelegate(new TileDelegate(hub, this));
  setViewMode(IconMode);
  setMovement(Static);
  setResizeMode(Adjust);
  setWrapping(true);
  setUniformItemSizes(true);
  setSelectionMode(SingleSelection);
  setDragEnabled(true);
  setDragDropMode(DragOnly);
  setMouseTracking(true);
  setFrameShape(NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  // The section is framed by its tiles; a frame about all of them would say nothing.
  setStyleSheet(QStringLiteral("QListView, QListView:focus { border: none; }"));
  connect(this, &QListView::activated, this, [this](const QModelIndex &index) {
    Q_EMIT placeRequested(index.data(PaletteModel::KeyRole).toString());
  });
  connect(model, &PaletteModel::modelReset, this, &TileList::refit);
  connect(&hub, &ThemeHub::changed, this, &TileList::refit);
  refit();
}

int TileList::columns() const {
  const int least = m_hub.typography().px(tileWideMin);
  // One pixel short of the width, or the view would wrap one tile too early.
  return std::max(1, (width() - 1) / least);
}

void TileList::refit() {
  const int wide = std::max(m_hub.typography().px(tileWideMin), (width() - 1) / columns());
  const QSize cell(wide, m_hub.typography().px(tileTall));
  if (property("cell").toSize() != cell) {
    setProperty("cell", cell);
    setGridSize(cell);
  }
  updateGeometry();
}

QSize TileList::sizeHint() const {
  const int rows = (model()->rowCount() + columns() - 1) / columns();
  return {m_hub.typography().px(tileWideMin) * 2, rows * m_hub.typography().px(tileTall) + 1};
}

QSize TileList::minimumSizeHint() const { return sizeHint(); }

void TileList::resizeEvent(QResizeEvent *event) {
  refit();
  QListView::resizeEvent(event);
}

void TileList::enter(bool fromAbove, int column) {
  const int count = model()->rowCount();
  if (count == 0) return;
  const int wide = columns();
  const int firstOfRow = fromAbove ? 0 : (count - 1) / wide * wide;
  setCurrentIndex(model()->index(std::min(firstOfRow + column, count - 1), 0));
  setFocus(Qt::TabFocusReason);
}

void TileList::focusInEvent(QFocusEvent *event) {
  if (!currentIndex().isValid()) setCurrentIndex(model()->index(0, 0));
  QListView::focusInEvent(event);
  viewport()->update();
}

KeyHelpGroup TileList::keyHelp() {
  return {tr("In the palette"),
          {{tr("From tile to tile"), {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down}, {}},
           {tr("Place it on the canvas"), {Qt::Key_Return}, {}}}};
}

void TileList::keyPressEvent(QKeyEvent *event) {
  const int row = currentIndex().row();
  const int wide = columns();
  const int last = model()->rowCount() - 1;
  if (event->key() == Qt::Key_Up && row >= 0 && row < wide)
    Q_EMIT left(false, row % wide);
  else if (event->key() == Qt::Key_Down && row >= 0 && row / wide == last / wide)
    Q_EMIT left(true, row % wide);
  else if (event->key() == Qt::Key_Left && row > 0)
    setCurrentIndex(model()->index(row - 1, 0));
  else if (event->key() == Qt::Key_Right && row >= 0 && row < last)
    setCurrentIndex(model()->index(row + 1, 0));
  else if (event->key() == Qt::Key_Down && row >= 0)
    setCurrentIndex(model()->index(std::min(row + wide, last), 0));
  else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)
    event->accept();
  else
    QListView::keyPressEvent(event);
}

void TileList::startDrag(Qt::DropActions actions) {
  const QModelIndex index = currentIndex();
  QMimeData *dragged = index.isValid() ? model()->mimeData({index}) : nullptr;
  if (dragged == nullptr) return;
  const QSize cell = property("cell").toSize();
  QPixmap picture(cell * devicePixelRatioF());
  picture.setDevicePixelRatio(devicePixelRatioF());
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  paintTile(painter, m_hub, QRect(QPoint(), cell), index.data().toString(),
            index.data(PaletteModel::IconRole).toString(), QStyle::State_MouseOver);
  painter.end();
  auto *drag = new QDrag(this);
  drag->setMimeData(dragged);
  drag->setPixmap(picture);
  drag->setHotSpot(QPoint(cell.width() / 2, cell.height() / 2));
  drag->exec(actions, Qt::CopyAction);
}

} // namespace packetarium::ui

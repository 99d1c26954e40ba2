// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/apply_theme.h"

#include <QHash>
#include <QRegularExpression>

namespace packetarium::ui {

namespace {

// In the sheets below $name is a colour token, $name-font a font, and a number in brackets, [8], a
// length at scale 1. Glyphs ($ink) come in a dark and a light set since a sheet can't tint them.

constexpr const char *surfaceSheet = R"(
QMainWindow, QDialog { background: $window; }
QWidget[surface="window"] { background: $window; }
QWidget[surface="panel"] { background: $panel; }
QWidget[surface="canvas"] { background: $canvas; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title { background: $panel; padding: [8]; border-bottom: 1px solid $line; }
QScrollArea { background: transparent; border: none; }
QGroupBox { border: none; margin-top: [20]; padding: 0; $section-font }
QGroupBox::title { subcontrol-origin: margin; color: $dim; padding: 0; }
QToolBar { background: $window; border: none; border-bottom: 1px solid $line;
  spacing: [4]; padding: [4] [8]; }
QToolBar::separator { background: $line; width: 1px; margin: [4] [8]; }
QStatusBar { background: $window; border-top: 1px solid $line; color: $dim; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $dim; padding: [2] [8]; }
QToolTip { background: $panel; color: $text; border: 1px solid $line; padding: [4] [8];
  $secondary-font }
)";

constexpr const char *textSheet = R"(
QLabel { background: transparent; }
QLabel[textRole="name"] { $name-font }
QLabel[textRole="secondary"] { $secondary-font color: $dim; }
QLabel[textRole="tiny"] { $tiny-font color: $dim; }
QLabel[textRole="section"] { $section-font color: $dim; }
QLabel[textRole="title"] { $title-font }
QLabel[textRole="headline"] { $headline-font }
QLabel[textRole="mono"] { $mono-font }
QLabel[textRole="good"] { color: $good; }
QLabel[textRole="warn"] { color: $warn; }
QLabel[textRole="bad"] { color: $bad; }
QLabel:disabled { color: $disabled; }
)";

constexpr const char *menuSheet = R"(
QMenuBar { background: $window; color: $text; padding: [4] [8]; spacing: 0; }
QMenuBar::item { background: transparent; padding: [4] [8]; border-radius: [6]; }
QMenuBar::item:selected { background: $hover; }
QMenuBar::item:pressed { background: $press; }
QMenu { background: $panel; color: $text; border: 1px solid $line; padding: [4]; }
QMenu::item { padding: [5] [24] [5] [12]; border-radius: [4]; margin: 0 [2]; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: [4] [8]; }
QMenu::icon { padding-left: [8]; }
QMenu::indicator { width: [14]; height: [14]; left: [6]; }
QMenu::indicator:checked { image: url(:/icons/controls/check-$ink.svg); }
)";

constexpr const char *inputSheet = R"(
QLineEdit, QSpinBox, QDoubleSpinBox, QDateTimeEdit, QComboBox, QPlainTextEdit, QTextEdit,
QKeySequenceEdit { background: $well; color: $text; border: 1px solid $control;
  border-radius: [6]; padding: [4] [8]; selection-background-color: $accent;
  selection-color: $onAccent; }
QLineEdit, QSpinBox, QDoubleSpinBox, QDateTimeEdit, QComboBox { min-height: [18]; }
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover { border-color: $faint; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateTimeEdit:focus, QComboBox:focus,
QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid $accent; padding: [3] [7]; }
QLineEdit[invalid="true"], QSpinBox[invalid="true"], QDoubleSpinBox[invalid="true"],
QComboBox[invalid="true"] { border-color: $bad; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
  color: $disabled; background: $panel; }
QLineEdit:read-only { background: $panel; }
QTextBrowser { background: transparent; border: none; padding: 0; }
QComboBox { padding-right: [24]; }
QComboBox::drop-down { border: none; width: [24]; }
QComboBox::down-arrow { image: url(:/icons/controls/down-$ink.svg); width: [12]; height: [12]; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $line; padding: [4];
  outline: none; selection-background-color: $selection; selection-color: $text; }
QSpinBox, QDoubleSpinBox { padding-right: [20]; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: [18];
  background: transparent; subcontrol-origin: border; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin-top: [2]; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin-bottom: [2]; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url(:/icons/controls/up-$ink.svg); width: [10]; height: [10]; }
QAbstractSpinBox::down-arrow { image: url(:/icons/controls/down-$ink.svg); width: [10];
  height: [10]; }
QSlider { background: transparent; }
QSlider:horizontal { min-height: $knobRoom; }
QSlider:vertical { min-width: $knobRoom; }
QSlider::groove:horizontal { height: 3px; background: transparent; }
QSlider::sub-page:horizontal { height: 3px; background: $accent; border-radius: 1px; }
QSlider::add-page:horizontal { height: 3px; background: $faint; border-radius: 1px; }
QSlider::handle:horizontal { width: $knobInner; height: $knobInner; margin: -$knobOut 0;
  border-radius: $knobRound; border: 2px solid $accent; background: $knob; }
QSlider::groove:vertical { width: 3px; background: transparent; }
QSlider::sub-page:vertical { width: 3px; background: $faint; border-radius: 1px; }
QSlider::add-page:vertical { width: 3px; background: $accent; border-radius: 1px; }
QSlider::handle:vertical { width: $knobInner; height: $knobInner; margin: 0 -$knobOut;
  border-radius: $knobRound; border: 2px solid $accent; background: $knob; }
QSlider::handle:hover { background: $accentSoft; }
QSlider:focus { border: 1px solid $accent; border-radius: [4]; }
QSlider::sub-page:horizontal:disabled { background: $faint; }
QSlider::add-page:vertical:disabled { background: $faint; }
QSlider::handle:disabled { border: 2px solid $faint; background: $panel; }
QProgressBar { background: $line; border: none; border-radius: 2px; max-height: [4];
  min-height: [4]; color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
)";

constexpr const char *checkSheet = R"(
QCheckBox, QRadioButton { spacing: [8]; background: transparent; padding: [3];
  border: 1px solid transparent; border-radius: [4]; }
QCheckBox:focus, QRadioButton:focus { border-color: $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QAbstractItemView::indicator, QGroupBox::indicator { width: [14];
  height: [14]; border: 1px solid $dim; border-radius: [4]; background: $well; }
QCheckBox::indicator:hover, QAbstractItemView::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked,
QGroupBox::indicator:checked { background: $accent; border-color: $accent;
  image: url(:/icons/controls/check-on-$ink.svg); }
QCheckBox::indicator:indeterminate { background: $accent; border-color: $accent;
  image: url(:/icons/controls/part-on-$ink.svg); }
QCheckBox::indicator:disabled { border-color: $faint; background: $panel; }
QCheckBox::indicator:checked:disabled { background: $faint; }
QRadioButton::indicator { width: [14]; height: [14]; border: 1px solid $dim;
  border-radius: $radioRound;
  background: $well; }
QRadioButton::indicator:hover { border-color: $accent; }
QRadioButton::indicator:checked { width: $dotInner; height: $dotInner;
  border: [5] solid $accent; background: $onAccent; }
QRadioButton::indicator:disabled { border-color: $faint; }
)";

constexpr const char *buttonSheet = R"(
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton { background: $panel; color: $text; border: 1px solid $control; border-radius: [6];
  padding: [5] [14]; min-height: [16]; }
QPushButton:hover { background: $hover; border-color: $faint; }
QPushButton:pressed, QPushButton:checked { background: $press; }
QPushButton:focus { border: 2px solid $accent; padding: [4] [13]; }
QPushButton:disabled { color: $disabled; border-color: $line; }
QPushButton[buttonRole="primary"], QPushButton:default { background: $accent; color: $onAccent;
  border: 1px solid $accent; $name-font }
QPushButton[buttonRole="primary"]:hover, QPushButton:default:hover { background: $accentHover; }
QPushButton[buttonRole="primary"]:focus, QPushButton:default:focus { border: 2px solid $text; }
QPushButton[buttonRole="primary"]:disabled, QPushButton:default:disabled { background: $line;
  border-color: $line; color: $dim; }
QPushButton[buttonRole="quiet"] { background: transparent; border: 1px solid transparent;
  color: $accent; padding: [5] [8]; }
QPushButton[buttonRole="quiet"]:hover { background: $hover; }
QPushButton[buttonRole="quiet"]:focus { border: 2px solid $accent; padding: [4] [7]; }
QPushButton[buttonRole="danger"] { color: $bad; border-color: $bad; }
QPushButton[buttonRole="danger"]:hover { background: $badSoft; }
QToolButton { background: transparent; color: $text; border: 1px solid transparent;
  border-radius: [6]; padding: [4]; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $press; }
QToolButton:checked { background: $accentSoft; color: $accent; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $disabled; }
QToolButton::menu-indicator { image: none; }
)";

constexpr const char *viewSheet = R"(
QAbstractItemView { background: $panel; alternate-background-color: $stripe; color: $text;
  border: none; outline: none; gridline-color: $line; selection-background-color: $selection;
  selection-color: $text; }
QTableView, QTreeView, QListView { border: 1px solid transparent; }
QTableView:focus, QTreeView:focus, QListView:focus { border-color: $accent; }
QAbstractItemView::item { padding: [2] [6]; border: none;
  border-top: 1px solid transparent; border-bottom: 1px solid transparent; }
QAbstractItemView::item:hover { background: $hover; }
QAbstractItemView::item:selected { background: $selection; color: $text;
  border-top: 1px solid $selectionLine; border-bottom: 1px solid $selectionLine; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: $selection; }
QTreeView::branch:has-children:closed { image: url(:/icons/controls/closed-$ink.svg); }
QTreeView::branch:has-children:open { image: url(:/icons/controls/open-$ink.svg); }
QHeaderView { background: $panel; }
QHeaderView::section { background: $panel; color: $dim; border: none;
  border-bottom: 1px solid $line; padding: [4] [6]; text-align: left; $secondary-font }
QHeaderView::section:hover { color: $text; }
QHeaderView::section:checked { $secondary-font }
QHeaderView::up-arrow { image: url(:/icons/controls/up-$ink.svg); width: [10]; }
QHeaderView::down-arrow { image: url(:/icons/controls/down-$ink.svg); width: [10]; }
QTableCornerButton::section { background: $panel; border: none; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $dim; padding: [7] [12] [6] [12];
  border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $accent; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $text; background: $hover; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QScrollBar:vertical { background: transparent; width: [10]; margin: 0; }
QScrollBar:horizontal { background: transparent; height: [10]; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: [3]; margin: [2]; }
QScrollBar::handle:vertical { min-height: [32]; }
QScrollBar::handle:horizontal { min-width: [32]; }
QScrollBar::handle:hover { background: $dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
)";

QString fontRule(const QFont &font) {
  return QStringLiteral("font-family: \"%1\"; font-size: %2px; font-weight: %3;")
      .arg(font.family())
      .arg(font.pixelSize())
      .arg(font.weight());
}

// A radius above half the box is dropped by Qt, which leaves a square: for circles it is derived
// from the rounded size instead of scaled by itself.
void insertRounds(QHash<QString, QString> &tokens, const Typography &type) {
  const auto length = [&tokens](const char *name, int px) {
    tokens.insert(QLatin1String(name), QStringLiteral("%1px").arg(px));
  };
  const int knob = type.px(13) / 2 * 2 + 1; // odd, to lie evenly about the groove's 3 px
  length("knobInner", knob - 4);
  length("knobRoom", knob + 2);
  length("knobRound", knob / 2);
  length("knobOut", (knob - 3) / 2);
  length("radioRound", (type.px(14) + 2) / 2);
  length("dotInner", type.px(14) + 2 - 2 * type.px(5));
}

QHash<QString, QString> tokensOf(const Theme &theme, const Typography &type) {
  QHash<QString, QString> tokens;
  const auto colour = [&](const char *name, const QColor &value) {
    tokens.insert(QLatin1String(name), value.name());
  };
  colour("window", theme.window);
  colour("panel", theme.panel);
  colour("canvas", theme.canvas);
  colour("well", theme.well);
  colour("hover", theme.hover);
  colour("press", theme.press);
  colour("selection", theme.selection);
  colour("selectionLine", theme.selectionLine);
  colour("text", theme.text);
  colour("dim", theme.dim);
  colour("faint", theme.faint);
  colour("line", theme.line);
  colour("accent", theme.accent);
  colour("good", theme.good);
  colour("warn", theme.warn);
  colour("bad", theme.bad);
  colour("onAccent", theme.onAccent);
  colour("accentSoft", theme.accentSoft);
  colour("badSoft", theme.badSoft);
  colour("accentHover", mix(theme.text, theme.accent, 0.12));
  colour("control", mix(theme.faint, theme.line, 0.35));
  colour("disabled", mix(theme.dim, theme.panel, 0.6));
  colour("knob", theme.panel);
  colour("scroll", theme.faint);
  colour("stripe", mix(theme.window, theme.panel, 0.5));
  tokens.insert(QStringLiteral("ink"),
                theme.isDark() ? QStringLiteral("dark") : QStringLiteral("light"));
  insertRounds(tokens, type);
  tokens.insert(QStringLiteral("name-font"), fontRule(type.name()));
  tokens.insert(QStringLiteral("secondary-font"), fontRule(type.secondary()));
  tokens.insert(QStringLiteral("tiny-font"), fontRule(type.tiny()));
  tokens.insert(
      QStringLiteral("section-font"),
      fontRule(type.section()) +
          QStringLiteral(" text-transform: uppercase; letter-spacing: %1px;").arg(type.px(1)));
  tokens.insert(QStringLiteral("title-font"), fontRule(type.title()));
  tokens.insert(QStringLiteral("headline-font"), fontRule(type.headline()));
  tokens.insert(QStringLiteral("mono-font"), fontRule(type.mono()));
  return tokens;
}

// One pass over the sheet: $tokens by name, [lengths] by the type scale.
QString filled(const QString &sheet, const QHash<QString, QString> &tokens,
               const Typography &type) {
  static const QRegularExpression slot(QStringLiteral("\\$([a-zA-Z]+(?:-font)?)|\\[([0-9]+)\\]"));
  QString out;
  out.reserve(sheet.size() * 5 / 4);
  qsizetype done = 0;
  for (auto it = slot.globalMatch(sheet); it.hasNext();) {
    const QRegularExpressionMatch match = it.next();
    out += QStringView(sheet).mid(done, match.capturedStart() - done);
    const QString name = match.captured(1);
    Q_ASSERT_X(name.isEmpty() || tokens.contains(name), "style sheet", qPrintable(name));
    out += name.isEmpty() ? QStringLiteral("%1px").arg(type.px(match.captured(2).toInt()))
                          : tokens.value(name);
    done = match.capturedEnd();
  }
  out += QStringView(sheet).mid(done);
  return out;
}

} // namespace

QString styleSheetOf(const Theme &theme, const Typography &typography) {
  QString sheet;
  for (const char *part :
       {surfaceSheet, textSheet, menuSheet, inputSheet, checkSheet, viewSheet, buttonSheet})
    sheet += QLatin1String(part);
  return filled(sheet, tokensOf(theme, typography), typography);
}

} // namespace packetarium::ui

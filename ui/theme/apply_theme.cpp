// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/apply_theme.h"

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QStyleFactory>
#include <QToolTip>

namespace packetarium::ui {

namespace {

// A style sheet matches dynamic properties only when a widget is polished, hence the repolish.
void setStyleProperty(QWidget &widget, const char *property, const char *value) {
  const QString wanted = QString::fromLatin1(value);
  if (widget.property(property).toString() == wanted) return;
  widget.setProperty(property, wanted);
  widget.style()->unpolish(&widget);
  widget.style()->polish(&widget);
}

const char *nameOf(TextRole role) {
  switch (role) {
  case TextRole::Body: return "body";
  case TextRole::Name: return "name";
  case TextRole::Secondary: return "secondary";
  case TextRole::Tiny: return "tiny";
  case TextRole::Section: return "section";
  case TextRole::Title: return "title";
  case TextRole::Headline: return "headline";
  case TextRole::Mono: return "mono";
  case TextRole::Good: return "good";
  case TextRole::Warn: return "warn";
  case TextRole::Bad: return "bad";
  }
  return "body";
}

const char *nameOf(ButtonRole role) {
  switch (role) {
  case ButtonRole::Plain: return "plain";
  case ButtonRole::Primary: return "primary";
  case ButtonRole::Quiet: return "quiet";
  case ButtonRole::Danger: return "danger";
  }
  return "plain";
}

const char *nameOf(Surface surface) {
  switch (surface) {
  case Surface::Window: return "window";
  case Surface::Panel: return "panel";
  case Surface::Canvas: return "canvas";
  }
  return "window";
}

} // namespace

QPalette paletteOf(const Theme &theme) {
  QPalette palette;
  const auto set = [&palette](QPalette::ColorRole role, const QColor &colour) {
    palette.setColor(QPalette::All, role, colour);
  };
  set(QPalette::Window, theme.window);
  set(QPalette::WindowText, theme.text);
  set(QPalette::Base, theme.panel);
  set(QPalette::AlternateBase, theme.window);
  set(QPalette::Text, theme.text);
  set(QPalette::PlaceholderText, theme.dim);
  set(QPalette::Button, theme.panel);
  set(QPalette::ButtonText, theme.text);
  set(QPalette::BrightText, theme.onAccent);
  set(QPalette::ToolTipBase, theme.panel);
  set(QPalette::ToolTipText, theme.text);
  set(QPalette::Highlight, theme.selection);
  set(QPalette::HighlightedText, theme.text);
  set(QPalette::Link, theme.accent);
  set(QPalette::LinkVisited, theme.ip);
  set(QPalette::Light, theme.hover);
  set(QPalette::Midlight, theme.hover);
  set(QPalette::Mid, theme.line);
  set(QPalette::Dark, theme.faint);
  set(QPalette::Shadow, theme.faint);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, mix(theme.dim, theme.panel, 0.6));
  return palette;
}

void applyTheme(QApplication &app, const Theme &theme, const Typography &typography) {
  if (app.style()->objectName().compare(QLatin1String("fusion"), Qt::CaseInsensitive) != 0 &&
      app.styleSheet().isEmpty())
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  const QPalette palette = paletteOf(theme);
  QApplication::setPalette(palette);
  QApplication::setFont(typography.body());
  QToolTip::setPalette(palette);
  QToolTip::setFont(typography.secondary());
  app.setStyleSheet(styleSheetOf(theme, typography));
}

void setSurface(QWidget &widget, Surface surface) {
  widget.setAttribute(Qt::WA_StyledBackground);
  setStyleProperty(widget, "surface", nameOf(surface));
}

void setTextRole(QLabel &label, TextRole role) {
  setStyleProperty(label, "textRole", nameOf(role));
}

void setButtonRole(QPushButton &button, ButtonRole role) {
  setStyleProperty(button, "buttonRole", nameOf(role));
}

} // namespace packetarium::ui

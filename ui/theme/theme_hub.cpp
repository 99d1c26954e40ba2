// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme_hub.h"

#include "ui/theme/apply_theme.h"

#include <QApplication>
#include <QEvent>
#include <QPalette>
#include <QStyleHints>

namespace packetarium::ui {

namespace {

bool isDarkPalette(const QPalette &palette) {
  return relativeLuminance(palette.color(QPalette::Window)) <
         relativeLuminance(palette.color(QPalette::WindowText));
}

} // namespace

ThemeHub::ThemeHub(ThemeChoice choice, QObject *parent)
    : QObject(parent),
      m_choice(choice),
      m_theme(&Theme::light()),
      m_typography(Typography::forSystem()) {
  readSystemPreference();
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
  connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, [this] {
    readSystemPreference();
    resolve();
  });
#endif
  resolve();
}

void ThemeHub::readSystemPreference() {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
  const Qt::ColorScheme scheme = QGuiApplication::styleHints()->colorScheme();
  if (scheme != Qt::ColorScheme::Unknown) {
    m_systemIsDark = scheme == Qt::ColorScheme::Dark;
    return;
  }
#endif
  m_systemIsDark = isDarkPalette(QGuiApplication::palette());
}

void ThemeHub::setChoice(ThemeChoice choice) {
  m_choice = choice;
  resolve();
}

void ThemeHub::setTypeScale(double scale) {
  const Typography scaled = m_typography.scaledTo(scale);
  if (scaled == m_typography) return;
  m_typography = scaled;
  restyle();
  Q_EMIT changed();
}

void ThemeHub::setReduceMotion(bool reduce) {
  if (reduce == m_reduceMotion) return;
  m_reduceMotion = reduce;
  Q_EMIT changed();
}

void ThemeHub::attachTo(QApplication &app) {
  if (m_app) m_app->removeEventFilter(this);
  m_app = &app;
  app.installEventFilter(this);
  restyle();
}

void ThemeHub::resolve() {
  const Theme *wanted = m_theme;
  switch (m_choice) {
  case ThemeChoice::System: wanted = m_systemIsDark ? &Theme::dark() : &Theme::light(); break;
  case ThemeChoice::Light: wanted = &Theme::light(); break;
  case ThemeChoice::Dark: wanted = &Theme::dark(); break;
  case ThemeChoice::Projector: wanted = &Theme::projector(); break;
  }
  if (wanted == m_theme) return;
  m_theme = wanted;
  restyle();
  Q_EMIT changed();
}

void ThemeHub::restyle() {
  if (!m_app || m_restyling) return;
  m_restyling = true;
  applyTheme(*m_app, *m_theme, m_typography);
  m_restyling = false;
}

// Before 6.5 Qt has no colour scheme to ask for. A ThemeChange says that the desktop's palette may
// be another one; it is seen only while ours is taken off.
bool ThemeHub::eventFilter(QObject *watched, QEvent *event) {
  if (watched == m_app && event->type() == QEvent::ThemeChange && !m_restyling) {
    m_restyling = true;
    QApplication::setPalette(QPalette());
    readSystemPreference();
    m_restyling = false;
    restyle();
    resolve();
  }
  return QObject::eventFilter(watched, event);
}

} // namespace packetarium::ui

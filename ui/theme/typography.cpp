// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/typography.h"

#include <QFontDatabase>

#include <algorithm>
#include <cmath>
#include <utility>

namespace packetarium::ui {

Typography::Typography(QString family, QString monoFamily, double scale)
    : m_family(std::move(family)),
      m_monoFamily(std::move(monoFamily)),
      m_scale(std::clamp(scale, scaleMin, scaleMax)) {}

Typography Typography::forSystem(double scale) {
  const auto preferred = [](const QString &name, QFontDatabase::SystemFont otherwise) {
    return QFontDatabase::hasFamily(name) ? name : QFontDatabase::systemFont(otherwise).family();
  };
  return {preferred(QStringLiteral("Inter"), QFontDatabase::GeneralFont),
          preferred(QStringLiteral("JetBrains Mono"), QFontDatabase::FixedFont), scale};
}

Typography Typography::scaledTo(double scale) const { return {m_family, m_monoFamily, scale}; }

int Typography::px(double length) const {
  return std::max(1, static_cast<int>(std::lround(length * m_scale)));
}

QFont Typography::make(const QString &family, double px, QFont::Weight weight) const {
  QFont font(family);
  font.setPixelSize(this->px(px));
  font.setWeight(weight);
  return font;
}

QFont Typography::body() const { return make(m_family, 12, QFont::Normal); }
QFont Typography::name() const { return make(m_family, 12, QFont::DemiBold); }
QFont Typography::secondary() const { return make(m_family, 11, QFont::Normal); }
QFont Typography::tiny() const { return make(m_family, 10, QFont::Normal); }
QFont Typography::title() const { return make(m_family, 14, QFont::DemiBold); }
QFont Typography::headline() const { return make(m_family, 20, QFont::DemiBold); }

QFont Typography::section() const {
  QFont font = make(m_family, 10, QFont::DemiBold);
  font.setCapitalization(QFont::AllUppercase);
  font.setLetterSpacing(QFont::PercentageSpacing, 110);
  return font;
}

QFont Typography::mono() const {
  QFont font = make(m_monoFamily, 12, QFont::Normal);
  font.setStyleHint(QFont::Monospace);
  return font;
}

QFont Typography::monoSmall() const {
  QFont font = make(m_monoFamily, 11, QFont::Normal);
  font.setStyleHint(QFont::Monospace);
  return font;
}

} // namespace packetarium::ui

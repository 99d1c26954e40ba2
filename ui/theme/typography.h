// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QString>

namespace packetarium::ui {

// The type scale. Sizes are device-independent pixels at scale 1; presenter mode raises the scale.
class Typography {
public:
  static constexpr double scaleMin = 0.75;
  static constexpr double scaleMax = 3.0;

  // Families that are named but not installed fall back to the system's.
  Typography(QString family, QString monoFamily, double scale);
  // Inter and JetBrains Mono where installed, else the system's fonts. Needs a QGuiApplication.
  static Typography forSystem(double scale = 1.0);

  [[nodiscard]] double scale() const { return m_scale; }
  [[nodiscard]] const QString &family() const { return m_family; }
  [[nodiscard]] const QString &monoFamily() const { return m_monoFamily; }
  // The same families at another scale, held to scaleMin..scaleMax.
  [[nodiscard]] Typography scaledTo(double scale) const;

  // A length of the 8-px grid at this scale, rounded to whole pixels and at least 1.
  [[nodiscard]] int px(double length) const;

  [[nodiscard]] QFont body() const;      // 12
  [[nodiscard]] QFont name() const;      // 12, 600: names of nodes, keys that stand out
  [[nodiscard]] QFont secondary() const; // 11
  [[nodiscard]] QFont tiny() const;      // 10
  [[nodiscard]] QFont section() const;   // 10, 600, spaced capitals
  [[nodiscard]] QFont title() const;     // 14, 600
  [[nodiscard]] QFont headline() const;  // 20, 600: presenter captions, empty windows
  [[nodiscard]] QFont mono() const;      // 12, fixed pitch: times
  [[nodiscard]] QFont monoSmall() const; // 11, fixed pitch: bytes

  friend bool operator==(const Typography &, const Typography &) = default;

private:
  [[nodiscard]] QFont make(const QString &family, double px, QFont::Weight weight) const;

  QString m_family;
  QString m_monoFamily;
  double m_scale;
};

} // namespace packetarium::ui

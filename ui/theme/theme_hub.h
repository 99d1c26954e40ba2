// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QObject>
#include <QPointer>

class QApplication;

namespace packetarium::ui {

enum class ThemeChoice { System, Light, Dark, Projector };

// The one place that knows which theme is in force. The shell owns it and hands it on by reference;
// views read theme() and typography() when they paint and repaint on changed().
class ThemeHub : public QObject {
  Q_OBJECT
public:
  // Reads the system's preference at once: construct it before anything sets a palette.
  explicit ThemeHub(ThemeChoice choice = ThemeChoice::System, QObject *parent = nullptr);

  [[nodiscard]] const Theme &theme() const { return *m_theme; }
  [[nodiscard]] const Typography &typography() const { return m_typography; }
  [[nodiscard]] ThemeChoice choice() const { return m_choice; }
  // Animations shorten to a cut when this is set.
  [[nodiscard]] bool reduceMotion() const { return m_reduceMotion; }

  void setChoice(ThemeChoice choice);
  void setTypeScale(double scale);
  void setReduceMotion(bool reduce);

  // Styles the application now and on each later change, before changed() goes out.
  void attachTo(QApplication &app);

Q_SIGNALS:
  void changed();

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  void resolve();
  void restyle();
  void readSystemPreference();

  ThemeChoice m_choice;
  bool m_systemIsDark = false;
  bool m_reduceMotion = false;
  bool m_restyling = false;
  const Theme *m_theme;
  Typography m_typography;
  QPointer<QApplication> m_app;
};

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

namespace packetarium::ui {

class ThemeHub;

// A paragraph that never claims more than so many lines: what does not fit ends in an ellipsis, and
// the tooltip then shows all of it. A reference ("RFC 791") follows in the accent's colour.
class ClampedLabel : public QWidget {
  Q_OBJECT
public:
  explicit ClampedLabel(const ThemeHub &hub, QWidget *parent = nullptr);

  void setText(const QString &text, const QString &reference = {});
  [[nodiscard]] const QString &text() const { return m_text; }
  void setMaximumLines(int lines);
  // The lines as they are shown at this width.
  [[nodiscard]] QStringList lines(int width) const;

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;

private:
  [[nodiscard]] QString whole() const;
  void explain();

  const ThemeHub &m_hub;
  QString m_text, m_reference;
  int m_lines = 2;
};

} // namespace packetarium::ui

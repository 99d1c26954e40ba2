// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/apply_theme.h"

#include <QString>
#include <QWidget>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace packetarium::ui {

class ThemeHub;

// A line of text that shortens with an ellipsis instead of claiming room; the tooltip then shows
// all of it.
class ElidedLabel : public QWidget {
  Q_OBJECT
public:
  ElidedLabel(const ThemeHub &hub, const QString &text = {}, TextRole role = TextRole::Body,
              QWidget *parent = nullptr);

  void setText(const QString &text);
  [[nodiscard]] const QString &text() const { return m_text; }
  void setRole(TextRole role);
  void setElideMode(Qt::TextElideMode mode);
  void setAlignment(Qt::Alignment alignment);
  [[nodiscard]] bool isElided() const;

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;

private:
  const ThemeHub &m_hub;
  QString m_text;
  TextRole m_role;
  Qt::TextElideMode m_elide = Qt::ElideRight;
  Qt::Alignment m_alignment = Qt::AlignLeft | Qt::AlignVCenter;
};

// A section's name in small spaced capitals, with a quiet remark at the right edge.
class SectionHeader : public QWidget {
  Q_OBJECT
public:
  SectionHeader(const ThemeHub &hub, const QString &title, const QString &remark = {},
                QWidget *parent = nullptr);

  void setTitle(const QString &title);
  void setRemark(const QString &remark);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent *event) override;

private:
  void announce();

  const ThemeHub &m_hub;
  QString m_title;
  QString m_remark;
};

enum class Tone { Neutral, Accent, Good, Warn, Bad };

// A status badge: outline or tint, icon and text. Clickable when something is connected through
// setClickable; then it is in the tab order and reacts to Space and Return.
class Pill : public QWidget {
  Q_OBJECT
public:
  enum class Variant { Outline, Tint };

  Pill(const ThemeHub &hub, const QString &text, Tone tone = Tone::Neutral,
       std::string_view icon = {}, QWidget *parent = nullptr);

  void setText(const QString &text);
  void setTone(Tone tone);
  // An empty name shows no icon.
  void setIconName(std::string_view icon);
  void setVariant(Variant variant);
  // Any hue, as for a protocol; overrides the tone until setTone. Takes it from each theme anew.
  void setHue(std::function<QColor(const Theme &)> hue);
  void setClickable(bool clickable);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
  void clicked();

protected:
  void paintEvent(QPaintEvent *event) override;
  void mouseReleaseEvent(QMouseEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  [[nodiscard]] QColor ink() const;

  const ThemeHub &m_hub;
  QString m_text;
  std::string m_icon;
  Tone m_tone;
  Variant m_variant = Variant::Outline;
  std::function<QColor(const Theme &)> m_hue;
  bool m_clickable = false;
};

// A point in simulated time in fixed pitch, "127.480 312 ms"; its width holds still while it runs.
class TimeLabel : public QWidget {
  Q_OBJECT
public:
  explicit TimeLabel(const ThemeHub &hub, QWidget *parent = nullptr);

  void setTimeNs(std::int64_t timeNs);
  [[nodiscard]] std::int64_t timeNs() const { return m_timeNs; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent *event) override;

private:
  const ThemeHub &m_hub;
  std::int64_t m_timeNs = 0;
};

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/dissect.h"
#include "ui/playback/view_state.h"
#include "ui/widgets/key_help.h"

#include <QWidget>

#include <vector>

namespace packetarium::ui {

/// A frame's bytes in rows, each in the hue of the header it belongs to. What is under the pointer
/// lights up here and, through ViewState::byteRange, in every other view.
class HexView : public QWidget {
  Q_OBJECT
public:
  HexView(ViewState &state, QWidget *parent);

  // The keys it takes itself while it has the keyboard.
  [[nodiscard]] static KeyHelpGroup keyHelp();
  void setDissection(const wire::Dissection &dissection);
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  struct Geometry {
    double cell = 0, left = 0, row = 0, gap = 0;
    int perRow = 16;
  };
  [[nodiscard]] Geometry geometry(int width) const;
  [[nodiscard]] QRectF cell(const Geometry &g, std::size_t index) const;
  [[nodiscard]] int indexAt(const QPointF &at) const;
  [[nodiscard]] ByteRange fieldAt(std::uint32_t index) const;
  void light(int index);

  ViewState &m_state;
  wire::Bytes m_bytes;
  std::vector<wire::Field> m_layers;
  std::vector<std::uint8_t> m_hues; ///< by byte: which layer of m_layers, + 1
  int m_pinned = -1;
};

/// The hue of a layer of a dissection by its analyser's name ("ip", "tcp").
[[nodiscard]] QColor dissectionColour(const Theme &theme, std::string_view abbrev);
/// The smallest field that covers the byte; null when none does.
[[nodiscard]] const wire::Field *fieldCovering(const std::vector<wire::Field> &fields,
                                               std::uint32_t byte);

} // namespace packetarium::ui

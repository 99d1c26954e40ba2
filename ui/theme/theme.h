// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

#include <array>
#include <cstdint>
#include <string_view>

// Colour tokens. Every view takes its colours from a Theme that it is handed, so that a change of
// theme is a repaint and nothing else.
namespace packetarium::ui {

enum class ThemeKind { Light, Dark, Projector };

// What a colour stands for when it marks a protocol. A label or a shape always says the same, since
// no hue is seen alike by everyone.
enum class ProtocolHue { Tcp, Ip, Http, Arp, Tls };

struct Theme {
  ThemeKind kind = ThemeKind::Light;

  // Surfaces.
  QColor window;        // menu bar, tool bar, status bar, wells
  QColor panel;         // docks, cards, menus
  QColor canvas;        // the topology and other drawing grounds
  QColor tile;          // fill of a node on the canvas
  QColor well;          // fill of what is sunk into a panel: inputs, palette tiles
  QColor hover;         // a row or button under the pointer
  QColor press;         // a button held down
  QColor selection;     // a selected row; text, dim and the hues stay readable on it
  QColor selectionLine; // above and below a selected row

  // Ink. faint and line are for strokes only, never for text.
  QColor text;
  QColor dim;
  QColor faint;
  QColor line;

  // Meaning.
  QColor accent;
  QColor good;
  QColor warn;
  QColor bad;
  QColor onAccent; // glyph or text on a fill of accent, good, warn or bad

  // Tints: quiet grounds for text of the colour they are named after.
  QColor accentSoft;
  QColor goodSoft;
  QColor warnSoft;
  QColor badSoft;

  // Protocols.
  QColor tcp;
  QColor ip; // IP, ICMP, UDP, DNS
  QColor http;
  QColor arp; // ARP, Ethernet, DHCP
  QColor tls;
  QColor cluster; // messages within a replicated service

  QColor shadow; // translucent; the strongest tone under a floating card
  QColor scrim;  // translucent; lies over everything but the spotlight
  QColor grid;   // dots and lines behind a drawing

  // Lines of a chart, in this order; told apart under red-green colour blindness too.
  std::array<QColor, 6> series;
  // Terms of an election, one hue after the other and then from the first again; told apart
  // likewise. onTerm is for a number on a fill of one.
  std::array<QColor, 6> terms;
  QColor onTerm;

  [[nodiscard]] bool isDark() const { return kind == ThemeKind::Dark; }
  [[nodiscard]] const QColor &protocol(ProtocolHue hue) const;
  // Of the term of that number; the same in every view. Of 0, before any election: dim.
  [[nodiscard]] const QColor &term(std::uint64_t number) const;

  static const Theme &light();
  static const Theme &dark();
  // High contrast for a beamer in a lit room: 7:1 for all text.
  static const Theme &projector();
  static const Theme &of(ThemeKind kind);
};

// The hue of a protocol by its name in lower case ("tcp", "dns", "ethernet"). Unknown names are
// application protocols to a reader, so they get the hue of HTTP.
[[nodiscard]] ProtocolHue protocolHue(std::string_view protocol);

// top over bottom, with top's share in 0..1; the result is opaque.
[[nodiscard]] QColor mix(const QColor &top, const QColor &bottom, double share);

// WCAG 2.1: relative luminance 0..1 of an opaque colour, and contrast ratio 1..21 of two.
[[nodiscard]] double relativeLuminance(const QColor &colour);
[[nodiscard]] double contrastRatio(const QColor &a, const QColor &b);

} // namespace packetarium::ui

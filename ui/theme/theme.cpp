// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace packetarium::ui {

namespace {

// How strongly a tint takes on the colour it is named after. Dark grounds bear more of it before
// text of that colour falls under 4.5:1.
struct Shares {
  double tint;
  double selection;
  double hover;
  double press;
};

QColor translucent(QColor colour, int alpha) {
  colour.setAlpha(alpha);
  return colour;
}

void derive(Theme &theme, const Shares &shares) {
  theme.hover = mix(theme.text, theme.panel, shares.hover);
  theme.press = mix(theme.text, theme.panel, shares.press);
  theme.selection = mix(theme.accent, theme.panel, shares.selection);
  theme.selectionLine = mix(theme.accent, theme.panel, 0.4);
  theme.accentSoft = mix(theme.accent, theme.panel, shares.tint);
  theme.goodSoft = mix(theme.good, theme.panel, shares.tint);
  theme.warnSoft = mix(theme.warn, theme.panel, shares.tint);
  theme.badSoft = mix(theme.bad, theme.panel, shares.tint);
  theme.tcp = theme.accent;
  theme.http = theme.good;
  theme.arp = theme.warn;
  theme.cluster = mix(theme.accent, theme.tls, 0.5);
}

Theme makeLight() {
  Theme theme;
  theme.kind = ThemeKind::Light;
  theme.window = QColor("#f4f5f7");
  theme.panel = QColor("#ffffff");
  theme.canvas = QColor("#fafbfc");
  theme.tile = theme.panel;
  theme.well = theme.window;
  theme.text = QColor("#1d2430");
  theme.dim = QColor("#667085");
  theme.faint = QColor("#b6bfcb");
  theme.line = QColor("#dfe3e8");
  theme.accent = QColor("#1668dc");
  theme.good = QColor("#0e7a54");
  theme.warn = QColor("#8f5a00");
  theme.bad = QColor("#c93434");
  theme.onAccent = QColor("#ffffff");
  theme.ip = QColor("#7a4fd0");
  theme.tls = QColor("#b83a78");
  theme.shadow = translucent(QColor("#1d2430"), 34);
  theme.scrim = translucent(QColor("#1d2430"), 130);
  theme.grid = QColor("#e6e9ee");
  theme.series = {QColor("#1668dc"), QColor("#b36b00"), QColor("#2995bb"),
                  QColor("#532b39"), QColor("#a18267"), QColor("#333273")};
  theme.terms = {QColor("#0566cc"), QColor("#a84d04"), QColor("#0e7271"),
                 QColor("#531507"), QColor("#4a1ffc"), QColor("#12024d")};
  theme.onTerm = QColor("#ffffff");
  derive(theme, {.tint = 0.08, .selection = 0.06, .hover = 0.03, .press = 0.08});
  return theme;
}

Theme makeDark() {
  Theme theme;
  theme.kind = ThemeKind::Dark;
  theme.window = QColor("#14171c");
  theme.panel = QColor("#1b1f26");
  theme.canvas = QColor("#101318");
  theme.tile = QColor("#21262e");
  theme.well = theme.window;
  theme.text = QColor("#e6e9ee");
  theme.dim = QColor("#8d97a7");
  theme.faint = QColor("#4a5362");
  theme.line = QColor("#2a303a");
  theme.accent = QColor("#4c9dff");
  theme.good = QColor("#3fb68b");
  theme.warn = QColor("#e0a63a");
  theme.bad = QColor("#ef6a6a");
  theme.onAccent = QColor("#101318");
  theme.ip = QColor("#b48cf2");
  theme.tls = QColor("#f08bb8");
  theme.shadow = translucent(QColor("#000000"), 120);
  theme.scrim = translucent(QColor("#000000"), 160);
  theme.grid = QColor("#1c2128");
  theme.series = {QColor("#4c9dff"), QColor("#e0a63a"), QColor("#85e5d0"),
                  QColor("#8f6749"), QColor("#537292"), QColor("#a6ec95")};
  theme.terms = {QColor("#5f90ff"), QColor("#f5e13c"), QColor("#08a884"),
                 QColor("#3ee1ff"), QColor("#9aa214"), QColor("#e4ffac")};
  theme.onTerm = QColor("#101318");
  derive(theme, {.tint = 0.12, .selection = 0.10, .hover = 0.05, .press = 0.10});
  return theme;
}

Theme makeProjector() {
  Theme theme = makeLight();
  theme.kind = ThemeKind::Projector;
  theme.window = QColor("#ffffff");
  theme.canvas = QColor("#ffffff");
  theme.well = QColor("#ffffff");
  theme.text = QColor("#000000");
  theme.dim = QColor("#3a4252");
  theme.faint = QColor("#7a8493");
  theme.line = QColor("#aab2bd");
  theme.accent = QColor("#0a47a3");
  theme.good = QColor("#085a3d");
  theme.warn = QColor("#6b4200");
  theme.bad = QColor("#9c1d1d");
  theme.ip = QColor("#5530a6");
  theme.tls = QColor("#8c2158");
  theme.grid = QColor("#e6e9ee");
  derive(theme, {.tint = 0.05, .selection = 0.06, .hover = 0.03, .press = 0.08});
  return theme;
}

double linearised(double channel) {
  return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

} // namespace

const QColor &Theme::protocol(ProtocolHue hue) const {
  switch (hue) {
  case ProtocolHue::Tcp: return tcp;
  case ProtocolHue::Ip: return ip;
  case ProtocolHue::Http: return http;
  case ProtocolHue::Arp: return arp;
  case ProtocolHue::Tls: return tls;
  }
  return text;
}

const QColor &Theme::term(std::uint64_t number) const {
  return number == 0 ? dim : terms[(number - 1) % terms.size()];
}

const Theme &Theme::light() {
  static const Theme theme = makeLight();
  return theme;
}

const Theme &Theme::dark() {
  static const Theme theme = makeDark();
  return theme;
}

const Theme &Theme::projector() {
  static const Theme theme = makeProjector();
  return theme;
}

const Theme &Theme::of(ThemeKind kind) {
  switch (kind) {
  case ThemeKind::Light: return light();
  case ThemeKind::Dark: return dark();
  case ThemeKind::Projector: return projector();
  }
  return light();
}

ProtocolHue protocolHue(std::string_view protocol) {
  using Entry = std::pair<std::string_view, ProtocolHue>;
  static constexpr Entry known[] = {
      {"tcp", ProtocolHue::Tcp},  {"ip", ProtocolHue::Ip},        {"ipv4", ProtocolHue::Ip},
      {"icmp", ProtocolHue::Ip},  {"udp", ProtocolHue::Ip},       {"dns", ProtocolHue::Ip},
      {"arp", ProtocolHue::Arp},  {"ethernet", ProtocolHue::Arp}, {"eth", ProtocolHue::Arp},
      {"dhcp", ProtocolHue::Arp}, {"stp", ProtocolHue::Arp},      {"tls", ProtocolHue::Tls},
      {"vrrp", ProtocolHue::Arp},
  };
  const auto *found = std::find_if(std::begin(known), std::end(known),
                                   [&](const Entry &entry) { return entry.first == protocol; });
  return found == std::end(known) ? ProtocolHue::Http : found->second;
}

QColor mix(const QColor &top, const QColor &bottom, double share) {
  const auto blend = [share](int over, int under) {
    return static_cast<int>(std::lround(over * share + under * (1.0 - share)));
  };
  return QColor(blend(top.red(), bottom.red()), blend(top.green(), bottom.green()),
                blend(top.blue(), bottom.blue()));
}

double relativeLuminance(const QColor &colour) {
  return 0.2126 * linearised(colour.redF()) + 0.7152 * linearised(colour.greenF()) +
         0.0722 * linearised(colour.blueF());
}

double contrastRatio(const QColor &a, const QColor &b) {
  const double la = relativeLuminance(a);
  const double lb = relativeLuminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

} // namespace packetarium::ui

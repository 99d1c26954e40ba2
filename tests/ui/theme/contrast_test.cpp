// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/theme.h"

#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace packetarium::ui;

namespace {

using Named = std::pair<std::string, QColor>;

const std::array kinds{ThemeKind::Light, ThemeKind::Dark, ThemeKind::Projector};

std::vector<Named> grounds(const Theme &t) {
  return {{"window", t.window}, {"panel", t.panel}, {"canvas", t.canvas},      {"tile", t.tile},
          {"well", t.well},     {"hover", t.hover}, {"selection", t.selection}};
}

std::vector<Named> inks(const Theme &t) { return {{"text", t.text}, {"dim", t.dim}}; }

std::vector<Named> hues(const Theme &t) {
  return {{"accent", t.accent}, {"good", t.good}, {"warn", t.warn}, {"bad", t.bad}, {"tcp", t.tcp},
          {"ip", t.ip},         {"http", t.http}, {"arp", t.arp},   {"tls", t.tls}};
}

struct Vec3 {
  double x, y, z;
};

Vec3 linear(const QColor &colour) {
  const auto channel = [](double c) {
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return {channel(colour.redF()), channel(colour.greenF()), channel(colour.blueF())};
}

using Matrix = std::array<Vec3, 3>;

// Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
const Matrix normalSight{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
const Matrix protanopia{{{0.152286, 1.052583, -0.204868},
                         {0.114503, 0.786281, 0.099216},
                         {-0.003882, -0.048116, 1.051998}}};
const Matrix deuteranopia{{{0.367322, 0.860646, -0.227968},
                           {0.280085, 0.672501, 0.047413},
                           {-0.011820, 0.042940, 0.968881}}};

double clamped(const Vec3 &row, const Vec3 &v) {
  return std::clamp(row.x * v.x + row.y * v.y + row.z * v.z, 0.0, 1.0);
}

// CIE 1976 L*a*b*, D65.
Vec3 labUnder(const Matrix &sight, const QColor &colour) {
  const Vec3 in = linear(colour);
  const Vec3 c{clamped(sight[0], in), clamped(sight[1], in), clamped(sight[2], in)};
  const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
  const double x = f((0.4124 * c.x + 0.3576 * c.y + 0.1805 * c.z) / 0.9505);
  const double y = f(0.2126 * c.x + 0.7152 * c.y + 0.0722 * c.z);
  const double z = f((0.0193 * c.x + 0.1192 * c.y + 0.9505 * c.z) / 1.089);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double difference(const Matrix &sight, const QColor &a, const QColor &b) {
  const Vec3 p = labUnder(sight, a);
  const Vec3 q = labUnder(sight, b);
  return std::sqrt((p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y) +
                   (p.z - q.z) * (p.z - q.z));
}

} // namespace

TEST_CASE("contrast is measured as WCAG 2.1 defines it") {
  // The extremes follow from the definition; #767676 on white is the well-known edge of AA.
  CHECK(contrastRatio(Qt::white, Qt::black) == Approx(21.0));
  CHECK(contrastRatio(Qt::red, Qt::red) == Approx(1.0));
  CHECK(contrastRatio(QColor("#767676"), Qt::white) == Approx(4.54).margin(0.005));
  CHECK(contrastRatio(QColor("#777777"), Qt::white) == Approx(4.48).margin(0.005));
  CHECK(relativeLuminance(Qt::red) == Approx(0.2126));
}

TEST_CASE("text reads at 4.5:1 on every ground, at 7:1 on a projector's panel") {
  for (const ThemeKind kind : kinds) {
    const Theme &theme = Theme::of(kind);
    for (const auto &[groundName, ground] : grounds(theme))
      for (const auto &[inkName, ink] : inks(theme)) {
        INFO(int(kind) << ' ' << inkName << " on " << groundName);
        CHECK(contrastRatio(ink, ground) >= 4.5);
      }
  }
  for (const auto &[name, ink] : inks(Theme::projector())) {
    INFO(name);
    CHECK(contrastRatio(ink, Theme::projector().panel) >= 7.0);
  }
}

TEST_CASE("words in a colour of meaning or of a protocol read at 4.5:1 where they are set") {
  for (const ThemeKind kind : kinds) {
    const Theme &theme = Theme::of(kind);
    for (const auto &[name, hue] : hues(theme)) {
      for (const auto &[groundName, ground] : grounds(theme)) {
        INFO(int(kind) << ' ' << name << " on " << groundName);
        CHECK(contrastRatio(hue, ground) >= 4.5);
      }
      INFO(int(kind) << ' ' << name << " under onAccent");
      CHECK(contrastRatio(theme.onAccent, hue) >= 4.5);
    }
  }
  for (const auto &[name, hue] : hues(Theme::projector())) {
    INFO("projector " << name);
    CHECK(contrastRatio(hue, Theme::projector().panel) >= 7.0);
  }
}

TEST_CASE("a hue reads on its own tint, and text on every tint") {
  for (const ThemeKind kind : kinds) {
    const Theme &t = Theme::of(kind);
    const std::array<std::pair<QColor, QColor>, 4> tints{
        {{t.accent, t.accentSoft}, {t.good, t.goodSoft}, {t.warn, t.warnSoft}, {t.bad, t.badSoft}}};
    for (const auto &[hue, tint] : tints) {
      INFO(int(kind) << ' ' << hue.name().toStdString());
      CHECK(contrastRatio(hue, tint) >= 4.5);
      CHECK(contrastRatio(t.text, tint) >= 7.0);
    }
    for (const QColor &hue : {t.tcp, t.ip, t.http, t.arp, t.tls}) {
      INFO(int(kind) << " pill " << hue.name().toStdString());
      CHECK(contrastRatio(hue, mix(hue, t.panel, t.isDark() ? 0.12 : 0.08)) >= 4.5);
    }
  }
}

TEST_CASE("chart lines stand out from the panel and from one another without red-green sight") {
  for (const ThemeKind kind : kinds) {
    const Theme &theme = Theme::of(kind);
    for (std::size_t i = 0; i < theme.series.size(); ++i) {
      INFO(int(kind) << " series " << i);
      CHECK(contrastRatio(theme.series[i], theme.panel) >= 3.0);
      for (std::size_t j = i + 1; j < theme.series.size(); ++j) {
        INFO("against " << j);
        for (const Matrix &sight : {normalSight, protanopia, deuteranopia})
          CHECK(difference(sight, theme.series[i], theme.series[j]) >= 20.0);
      }
    }
  }
}

TEST_CASE(
    "terms stand out from every drawing ground and from one another without red-green sight") {
  for (const ThemeKind kind : kinds) {
    const Theme &theme = Theme::of(kind);
    for (std::size_t i = 0; i < theme.terms.size(); ++i) {
      INFO(int(kind) << " term " << i + 1);
      for (const auto &[name, ground] : grounds(theme)) {
        INFO("on " << name);
        CHECK(contrastRatio(theme.terms[i], ground) >= 4.5); // their numbers are set in them
      }
      CHECK(contrastRatio(theme.terms[i], theme.onTerm) >= 4.5);
      for (std::size_t j = i + 1; j < theme.terms.size(); ++j) {
        INFO("against " << j + 1);
        for (const Matrix &sight : {normalSight, protanopia, deuteranopia})
          CHECK(difference(sight, theme.terms[i], theme.terms[j]) >= 25.0);
      }
    }
  }
}

TEST_CASE("a term has one colour, and the next another") {
  const Theme &theme = Theme::dark();
  CHECK(theme.term(0) == theme.dim);
  CHECK(theme.term(1) == theme.terms.front());
  CHECK(theme.term(7) == theme.term(1));
  for (std::uint64_t term = 1; term < 20; ++term) CHECK(theme.term(term) != theme.term(term + 1));
}

TEST_CASE("the style sheet sets no text in faint or line and leaves no slot unfilled") {
  static const QRegularExpression ink(QStringLiteral("[ {;]color: (#[0-9a-f]{6})"));
  for (const ThemeKind kind : kinds) {
    const Theme &theme = Theme::of(kind);
    const Typography type(QStringLiteral("Sans"), QStringLiteral("Mono"), 1.5);
    const QString sheet = styleSheetOf(theme, type);
    CHECK_FALSE(sheet.contains(u'$'));
    CHECK_FALSE(QRegularExpression(QStringLiteral("\\[[0-9]")).match(sheet).hasMatch());
    int found = 0;
    for (auto it = ink.globalMatch(sheet); it.hasNext(); ++found) {
      const QString colour = it.next().captured(1);
      CHECK(colour != theme.faint.name());
      CHECK(colour != theme.line.name());
    }
    CHECK(found > 20);
  }
  const QPalette palette = paletteOf(Theme::dark());
  for (const auto role :
       {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::PlaceholderText,
        QPalette::HighlightedText, QPalette::ToolTipText, QPalette::Link})
    CHECK(palette.color(QPalette::Active, role) != Theme::dark().faint);
}

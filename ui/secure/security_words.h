// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/tls_story.h"
#include "ui/theme/theme.h"

#include <QColor>
#include <QString>

#include <string_view>
#include <vector>

namespace packetarium::ui {

/// The hue of what a key protects: one for each direction and stage, dim for no key at all.
[[nodiscard]] QColor keyColour(const Theme &theme, std::string_view key);
/// "in clear", "client handshake traffic key".
[[nodiscard]] QString keyWords(std::string_view key);
/// "A · B · C", without the empty ones.
[[nodiscard]] QString dotted(const QStringList &parts);
/// The text and the reference at its end, "(RFC 8446 section 7.1)", apart.
struct Sourced {
  QString text, reference;
};
[[nodiscard]] Sourced sourced(const std::string &detail);
/// "2026-01-01 00:00:12 UTC" of seconds since 1970.
[[nodiscard]] QString calendarWords(std::int64_t seconds);
/// "2b 9f 03 …": what there is room for.
[[nodiscard]] QString shortHex(const QString &hex, int bytes);

/// A step of the handshake as courses tell it, and where this connection passed it.
struct CourseStep {
  int number = 0; ///< as courses count; 7 and 8: what follows the six
  QString title, caption;
  analysis::TlsInstant when; ///< unknown: not passed yet
};
/// In the order in which this connection passes them: what has come by time, the rest by version.
[[nodiscard]] std::vector<CourseStep> courseSteps(const analysis::TlsStory &story, bool tls12);
/// Why courses put TLS where it is not.
[[nodiscard]] QString layerWords();

/// Where the connection stands, "read in between" where a man in the middle reads it: "shakes
/// hands", "established", "closed", "failed".
struct SecurityState {
  enum class Kind { Begun, Handshake, Established, Closed, Failed, Read };
  Kind kind = Kind::Begun;
  QString words;
};
[[nodiscard]] SecurityState securityState(const analysis::TlsStory &story);
/// "1 round trip", with what it means.
[[nodiscard]] QString roundTripWords(const analysis::TlsStory &story);

} // namespace packetarium::ui

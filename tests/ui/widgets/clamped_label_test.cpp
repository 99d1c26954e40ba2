// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/clamped_label.h"

#include <QFontMetrics>

using namespace packetarium::ui;

namespace {

const QString sentence =
    QStringLiteral("The bits came in and were a whole frame. The frame is for this card: it took "
                   "off the Ethernet header, looked up the address and passed the packet on.");

QString joined(const QStringList &lines) { return lines.join(QLatin1Char(' ')); }

} // namespace

TEST_CASE("a clamped label never has more lines than it may, and each fits its width") {
  ThemeHub hub{ThemeChoice::Dark};
  ClampedLabel label(hub);
  label.setText(sentence);
  const QFontMetrics metrics(hub.typography().body());
  for (const int lines : {1, 2, 3})
    for (const int width : {120, 240, 480, 5000}) {
      label.setMaximumLines(lines);
      const QStringList shown = label.lines(width);
      CHECK(shown.size() <= lines);
      for (const QString &line : shown) CHECK(metrics.horizontalAdvance(line) <= width + 1);
      CHECK(label.sizeHint().height() == lines * metrics.height());
    }
}

TEST_CASE("what a clamped label leaves out is in its tooltip, and nothing is there otherwise") {
  ThemeHub hub{ThemeChoice::Dark};
  ClampedLabel label(hub);
  label.resize(200, 40);
  label.setText(sentence, QStringLiteral("RFC 1812"));
  CHECK(label.lines(200).back().endsWith(QChar(0x2026)));
  CHECK(label.toolTip().contains(QStringLiteral("passed the packet on.")));
  CHECK(label.toolTip().contains(QStringLiteral("RFC 1812")));
  label.setMaximumLines(20);
  CHECK(joined(label.lines(200)) == sentence + QStringLiteral("  RFC 1812"));
  CHECK(label.toolTip().isEmpty());
}

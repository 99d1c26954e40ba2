// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/sequence/ladder_window.h"
#include "ui/sequence/time_scale.h"
#include "ui/theme/typography.h"

#include <QLineF>
#include <QPolygonF>
#include <QRectF>
#include <QString>

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace packetarium::ui {

class LabelBoard;

// Words that lie along a line or level beside it.
struct LadderLabel {
  QString text; // empty: there was no room
  QPointF centre;
  double angle = 0; // degrees
  double width = 0, height = 0;
  bool locked = false; // a lock stands before the words
  [[nodiscard]] QPolygonF outline() const;
  [[nodiscard]] bool isShown() const { return !text.isEmpty(); }
};

// Where an arrow lies on the paper. Times decide heights, so a part of it may be still to come.
struct ArrowShape {
  std::size_t arrow = 0;       // in Ladder::arrows
  std::vector<QPointF> points; // from the sender, by way of hops, to where it ended
  bool lost = false;           // broken off at the last point
  QString words;               // whether or not there is room for the label
  LadderLabel label, reason;
};

// The part of an arrow above a height, which is that of now.
[[nodiscard]] std::vector<QPointF> pointsUpTo(const std::vector<QPointF> &points, double y);

struct StateShape {
  std::size_t state = 0; // in Ladder::states
  double x = 0;
  double fromY = 0, toY = 0; // toY: infinity while it lasts
  SimTime from, to;
  bool toTheLeft = false; // its words stand left of the line
  QString text;
};

// From when on one end encrypts what it sends: a thin band beside its lifeline.
struct KeyShape {
  std::size_t keys = 0; // in Ladder::keys
  double x = 0;
  double fromY = 0, toY = 0; // toY: infinity while they are in force
  SimTime from, to;
  bool first = false; // of the connection: before it everything is in clear
  bool brief = false; // for the handshake alone
};

struct MarkShape {
  std::size_t mark = 0; // in Ladder::marks
  double y = 0;
  double x = 0; // of its node
  LadderLabel label;
  bool isFault = false;
};

// Words a mark is to be shown with; none hides it.
struct LadderMarkText {
  QString text;
  bool isFault = false;
};

struct LadderPaper {
  double width = 0; // of the viewport; the paper may be wider
  double zoom = 1;
};

// The sequence diagram laid out: no labels lie over one another, and nothing depends on where the
// paper is scrolled to or which moment is shown, so that neither makes anything jump.
class LadderLayout {
public:
  LadderLayout() = default;
  LadderLayout(const LadderWindow &window, const std::vector<LadderMarkText> &marks, bool allHops,
               const LadderPaper &paper, const Typography &type, double pxPerMs);

  // A scale at which the typical message slants well; keeps close to the one before.
  static double pxPerMsFor(const analysis::Ladder &ladder, double before);

  [[nodiscard]] const TimeScale &scale() const { return m_scale; }
  [[nodiscard]] double width() const { return m_width; }
  [[nodiscard]] const std::vector<double> &columns() const { return m_columns; }
  // Of the node's lifeline; none: it has none.
  [[nodiscard]] std::optional<double> xOf(std::uint32_t node) const;
  [[nodiscard]] double columnGap() const { return m_gap; }
  [[nodiscard]] double timesRight() const { return m_timesRight; }
  // Dozens are under way at once: lines and heads are drawn finer.
  [[nodiscard]] bool isDense() const { return m_dense; }
  [[nodiscard]] const std::vector<ArrowShape> &arrows() const { return m_arrows; }
  [[nodiscard]] const std::vector<StateShape> &states() const { return m_states; }
  [[nodiscard]] const std::vector<KeyShape> &keys() const { return m_keys; }
  [[nodiscard]] const std::vector<MarkShape> &marks() const { return m_marks; }
  // Starts of arrows whose times are written at the left; never too close to one another.
  [[nodiscard]] const std::vector<SimTime> &times() const { return m_times; }

private:
  void placeColumns(const LadderWindow &window, double width);
  void makeScale(const LadderWindow &window, double zoom, double pxPerMs);
  void placeArrows(const analysis::Ladder &ladder);
  void placeStates(const analysis::Ladder &ladder);
  void placeKeys(const analysis::Ladder &ladder);
  void placeMarks(const analysis::Ladder &ladder);
  void placeLabels(const analysis::Ladder &ladder);
  void placeMarkWords(LabelBoard &board);
  void placeReasons(const analysis::Ladder &ladder, LabelBoard &board);
  void placeArrowWords(const analysis::Ladder &ladder, LabelBoard &board);
  void placeTimes(const analysis::Ladder &ladder);
  void learnLatencies(const analysis::Ladder &ladder);
  // When an arrow ends; of one under way, when it may be expected to.
  [[nodiscard]] SimTime endOf(const analysis::LadderArrow &arrow) const;

  Typography m_type{QString(), QString(), 1};
  bool m_allHops = false;
  bool m_dense = false;
  std::vector<LadderMarkText> m_markTexts;
  TimeScale m_scale;
  double m_width = 0, m_gap = 0, m_timesRight = 0;
  std::vector<std::uint32_t> m_nodes;
  std::vector<double> m_columns;
  std::vector<ArrowShape> m_arrows;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Duration> m_latencies; // by ends, the latest
  Duration m_latency;                                                      // of any two
  std::vector<StateShape> m_states;
  std::vector<KeyShape> m_keys;
  std::vector<MarkShape> m_marks;
  std::vector<SimTime> m_times;
};

} // namespace packetarium::ui

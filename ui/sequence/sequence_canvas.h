// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"
#include "ui/sequence/ladder_layout.h"
#include "ui/sequence/ladder_window.h"
#include "ui/sequence/role_spans.h"
#include "ui/widgets/key_help.h"

#include <QAbstractScrollArea>

#include <optional>
#include <vector>

namespace packetarium::ui {

// The ladder on paper that scrolls: draws it up to the moment that is shown, follows that moment,
// and lets one walk the arrows with pointer and keys.
class SequenceCanvas : public QAbstractScrollArea {
  Q_OBJECT
public:
  static constexpr double zoomMin = 0.4, zoomMax = 4;

  SequenceCanvas(ViewState &state, QWidget *parent);

  void setChoice(const LadderChoice &choice);
  [[nodiscard]] const LadderChoice &choice() const { return m_choice; }
  void setZoom(double zoom);
  [[nodiscard]] double zoom() const { return m_zoom; }
  void setFollowing(bool following);
  [[nodiscard]] bool isFollowing() const { return m_following; }
  // The keys it takes itself while it has the keyboard.
  [[nodiscard]] static KeyHelpGroup keyHelp();
  // Brings the ladder up to the state's frame. Cheap when nothing has changed.
  void refresh();

  [[nodiscard]] const LadderWindow &window() const { return m_window; }
  [[nodiscard]] const LadderLayout &layout() const { return m_layout; }
  // Of the members of Raft clusters: a spine on each lifeline.
  [[nodiscard]] const std::vector<RoleSpan> &roles() const { return m_roles; }
  // Arrows that have begun at the moment that is shown.
  [[nodiscard]] std::size_t visibleArrows() const;
  // No message was sent yet, as far as is known; one that was left out, or is still being fetched,
  // was.
  [[nodiscard]] bool isSilent() const;
  // The arrow's middle on the viewport, or nothing while it is hidden.
  [[nodiscard]] std::optional<QPointF> placeOf(std::size_t arrow) const;
  // What is under way and not told along its arrow yet, below the line of now; on the paper.
  struct NowWords {
    std::size_t shape = 0;
    LadderLabel label;
  };
  [[nodiscard]] std::vector<NowWords> wordsAtNow() const;
  [[nodiscard]] std::optional<std::size_t> arrowAt(const QPointF &viewportPoint) const;

Q_SIGNALS:
  void emptyChanged();
  void followingChanged();
  void zoomChanged();

protected:
  bool viewportEvent(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;
  void showEvent(QShowEvent *event) override;
  void scrollContentsBy(int dx, int dy) override;
  void mousePressEvent(QMouseEvent *event) override;
  void mouseDoubleClickEvent(QMouseEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void wheelEvent(QWheelEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  void relayout();
  [[nodiscard]] std::vector<LadderMarkText> markTexts() const;
  void updateBars();
  void scrollToNow();
  void scrollBarMoved();
  [[nodiscard]] double nowY() const { return m_layout.scale().y(m_now); }
  [[nodiscard]] double headHeight() const;
  [[nodiscard]] double footHeight() const;
  [[nodiscard]] QPointF origin() const; // of the paper, on the viewport
  [[nodiscard]] std::optional<std::size_t> selectedShape() const;
  void selectShape(std::size_t shape);
  void ensureInSight(std::size_t shape);
  void walk(int steps);
  [[nodiscard]] QString describe(const analysis::LadderArrow &arrow) const;
  [[nodiscard]] QString describeKeys(const QPointF &viewportPoint) const;
  void announce();

  struct Sheet; // what painting needs again and again
  void paintPaper(QPainter &painter, const Sheet &sheet) const;
  void paintKeys(QPainter &painter, const Sheet &sheet) const;
  void paintBreaks(QPainter &painter, const Sheet &sheet) const;
  void paintLifelines(QPainter &painter, const Sheet &sheet) const;
  void paintRoles(QPainter &painter, const Sheet &sheet) const;
  void paintTerms(QPainter &painter, const Sheet &sheet) const;
  void paintStates(QPainter &painter, const Sheet &sheet) const;
  void paintStateWords(QPainter &painter, const Sheet &sheet) const;
  void paintMarks(QPainter &painter, const Sheet &sheet) const;
  void paintMarkWords(QPainter &painter, const Sheet &sheet) const;
  void paintWords(QPainter &painter, const Sheet &sheet, const LadderLabel &label,
                  const QColor &ink) const;
  void paintArrow(QPainter &painter, const Sheet &sheet, const ArrowShape &shape) const;
  void paintArrowWords(QPainter &painter, const Sheet &sheet, const ArrowShape &shape) const;
  void paintTimes(QPainter &painter, const Sheet &sheet) const;
  void paintNow(QPainter &painter, const Sheet &sheet) const;
  void paintNowWords(QPainter &painter, const Sheet &sheet) const;
  [[nodiscard]] QRectF nowBox(const Sheet &sheet) const;
  [[nodiscard]] bool isTold(const ArrowShape &shape) const;
  void paintHeads(QPainter &painter, const Sheet &sheet) const;

  ViewState &m_state;
  LadderWindow m_window;
  LadderLayout m_layout;
  std::vector<RoleSpan> m_roles;
  LadderChoice m_choice;
  SimTime m_now;
  double m_pxPerMs = 0;
  double m_zoom = 1;
  bool m_following = true;
  bool m_scrolling = false;
  bool m_stale = true;     // the layout
  bool m_toldEmpty = true; // what emptyChanged said last
};

} // namespace packetarium::ui

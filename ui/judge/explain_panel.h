// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/why.h"
#include "ui/judge/judgement.h"
#include "ui/judge/verdict_words.h"
#include "ui/theme/theme_hub.h"

#include <QStringList>
#include <QWidget>

#include <utility>
#include <vector>

class QLabel;
class QVBoxLayout;

namespace packetarium::ui {

class ElidedLabel;
class IconButton;

/// What there is to say about a light or an operation, and where one can go from it.
struct Explanation {
  QString title;
  QString state; ///< "broken since 12.3 s"
  std::string_view icon;
  Tone tone = Tone::Neutral;
  QStringList paragraphs;
  std::vector<std::pair<QString, trace::Sequence>> jumps;
  struct Step {
    SimTime at;
    QString sentence;
    trace::Sequence record = 0;
    bool operator==(const Step &) const = default;
  };
  std::vector<Step> story; ///< what happened, oldest first
  bool operator==(const Explanation &) const = default;
};
[[nodiscard]] Explanation explainLight(const ServiceJudgement &judged, std::size_t light,
                                       trace::Sequence upTo);
/// prefix: the longest legal order that ends with it; searching: it is being looked for.
[[nodiscard]] Explanation explainOperation(const ServiceJudgement &judged, std::size_t operation,
                                           std::size_t prefix, bool searching);

[[nodiscard]] std::vector<Explanation::Step> storyOf(const std::vector<analysis::WhyStep> &steps);

/// A card beside the history that says why.
class ExplainPanel : public QWidget {
  Q_OBJECT
public:
  explicit ExplainPanel(const ThemeHub &hub, QWidget *parent = nullptr);

  void explain(Explanation explanation);
  [[nodiscard]] const Explanation &explanation() const { return m_shown; }

Q_SIGNALS:
  void recordWanted(quint64 record);
  void closed(); ///< by the user

protected:
  void paintEvent(QPaintEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  void rebuild();

  const ThemeHub &m_hub;
  Explanation m_shown;
  ElidedLabel *m_title;
  IconButton *m_close;
  QWidget *m_body = nullptr;
  QVBoxLayout *m_bodyPlace;
};

} // namespace packetarium::ui

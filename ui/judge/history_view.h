// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/why.h"
#include "ui/charts/figure.h"
#include "ui/judge/background.h"
#include "ui/judge/history_layout.h"
#include "ui/judge/judge_watch.h"
#include "ui/playback/view_state.h"

#include <QTimer>
#include <QWidget>

#include <optional>
#include <string>
#include <vector>

class QComboBox;
class QStackedWidget;

namespace packetarium::ui {

class ElidedLabel;
class EmptyState;
class ExplainPanel;
class FreshnessPanel;
class HistoryCanvas;
class IconButton;
class SegmentedControl;
class VerdictStrip;

/// What the clients of a store did and saw, and which of its promises that keeps: lights above, a
/// row for each client below, and beside it the reason for what is chosen.
class HistoryView : public QWidget {
  Q_OBJECT
public:
  enum class Page { Operations, Freshness };
  explicit HistoryView(ViewState &state, QWidget *parent = nullptr);

  void setPage(Page page);
  void chooseService(const std::string &service);
  /// None: all keys.
  void chooseKey(const std::optional<std::string> &key);
  /// Explains it, and shows its operation.
  void chooseLight(int light);
  void chooseOperation(std::optional<std::size_t> operation);
  [[nodiscard]] const std::string &service() const { return m_service; }
  [[nodiscard]] HistoryCanvas &canvas() const { return *m_canvas; }
  [[nodiscard]] VerdictStrip &strip() const { return *m_strip; }
  [[nodiscard]] ExplainPanel &explainer() const { return *m_explain; }
  [[nodiscard]] FreshnessPanel &freshness() const { return *m_freshness; }
  /// Nothing is still being judged or looked for.
  [[nodiscard]] bool isSettled() const;
  [[nodiscard]] std::vector<Figure> exportable() const;

protected:
  void resizeEvent(QResizeEvent *event) override;
  void showEvent(QShowEvent *event) override;

private:
  void build();
  void fitStrip();
  [[nodiscard]] const ServiceJudgement *judged() const;
  void notice();
  void forget();
  void refresh();
  void showFreshness();
  void fillChoices();
  void showOperations();
  void showMoments();
  void showReason();
  void search(std::size_t operation, std::optional<std::size_t> missed, bool prefix);
  void sayEmpty();
  void tell();
  void goTo(std::size_t operation);
  void openExport();
  [[nodiscard]] std::vector<HistoryBand> bands() const;

  ViewState &m_state;
  JudgeWatch &m_watch;
  QWidget *m_content;
  EmptyState *m_empty;
  SegmentedControl *m_tabs;
  ElidedLabel *m_summary;
  QComboBox *m_services, *m_keys;
  IconButton *m_whole, *m_export;
  VerdictStrip *m_strip;
  QStackedWidget *m_pages;
  HistoryCanvas *m_canvas;
  ExplainPanel *m_explain;
  FreshnessPanel *m_freshness;
  std::vector<std::string> m_serviceNames, m_keyNames;
  std::string m_service;
  std::optional<std::string> m_key;
  std::optional<int> m_light;
  std::optional<std::size_t> m_operation;
  std::vector<analysis::WhyStep> m_story;   ///< of what is explained
  std::shared_ptr<const Judgement> m_drawn; ///< what the canvas shows
  analysis::Cursor m_seen;                  ///< how far the run has been watched
  Background m_search;
};

} // namespace packetarium::ui

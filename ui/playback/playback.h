// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "core/analysis/fact_book.h"
#include "core/analysis/frame.h"
#include "core/analysis/pace.h"
#include "core/analysis/steps.h"
#include "core/scenario/build.h"
#include "core/session/worker.h"
#include "core/trace/chunk.h"
#include "ui/document/document.h"
#include "ui/playback/frame_clock.h"

#include <QObject>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace packetarium::ui {

enum class PaceKind { Story, Constant };

// Runs the document's scenario on a worker thread, keeps its trace, and moves a cursor through it
// at a pace. The only owner of the Worker; views read its values and never the running world.
class Playback : public QObject {
  Q_OBJECT
public:
  explicit Playback(Document &document, QObject *parent = nullptr);
  ~Playback() override;

  // The document as it was built last; its plan is never null.
  [[nodiscard]] const scenario::BuiltScenario &built() const { return m_built; }
  [[nodiscard]] const net::Blueprint &network() const { return m_built.plan->network; }
  [[nodiscard]] const trace::Trace &trace() const { return m_trace; }
  [[nodiscard]] const analysis::Chronicle &chronicle() const { return m_chronicle; }
  [[nodiscard]] const analysis::FactBook &facts() const { return m_facts; }
  [[nodiscard]] const std::vector<analysis::PhaseStopSpec> &phaseStops() const { return m_phases; }
  [[nodiscard]] SimTime end() const { return m_built.end; }
  // Grows with every start and script edit that the worker has taken up.
  [[nodiscard]] std::uint64_t generation() const { return m_generation; }
  [[nodiscard]] std::uint64_t events() const { return m_events; }
  // Of the run as far as it is known; complete once runEnded().
  [[nodiscard]] std::uint64_t fingerprint() const { return m_fingerprint; }
  // The run has come to its end (the cursor may lie anywhere).
  [[nodiscard]] bool runEnded() const { return m_runEnded; }
  // The promise of Raft whose breach ended the run before its time; none while the run goes on.
  // stateChanged tells of it.
  [[nodiscard]] const std::optional<judge::Breach> &breach() const { return m_breach; }
  // Where the cursor can go at the latest: the end, or the breach that ended the run.
  [[nodiscard]] SimTime lastInstant() const { return m_breach ? m_breach->at : m_built.end; }

  // The last complete frame; never pending itself.
  [[nodiscard]] const analysis::Frame &frame() const { return m_frame; }
  // The frame shown lags behind the cursor, because the run or a dropped chunk is still to come.
  [[nodiscard]] bool isPending() const { return m_pending; }
  [[nodiscard]] analysis::Cursor cursor() const { return m_cursor; }
  [[nodiscard]] SimTime now() const { return m_cursor.at; }
  [[nodiscard]] bool isPlaying() const { return m_playing; }
  // The cursor stands at the last instant of a run that has ended.
  [[nodiscard]] bool atEnd() const;

  [[nodiscard]] PaceKind paceKind() const { return m_paceKind; }
  // Story: a factor (1 is the normal story). Constant: simulated seconds per second.
  [[nodiscard]] double speed() const { return m_speed; }
  // Simulated seconds that pass in one second, here and now.
  [[nodiscard]] double rate() const;
  // Seconds a spectator at speed 1 has watched when the run is at t.
  [[nodiscard]] double presentationAt(SimTime t) const;
  // What is behind by so many spectator's seconds at the present speed.
  [[nodiscard]] SimTime secondsAgo(double seconds) const;
  void setPace(PaceKind kind, double speed);

  void play();
  void pause();
  void toggle();
  // Cursor to 0; playing goes on if it was.
  void restart();
  void seek(SimTime t);
  void seek(analysis::Cursor cursor);
  // Seeks to just after the record; asks for its chunk when it is not in memory.
  void seekToRecord(trace::Sequence sequence);
  // Pauses and goes to the next or previous stop. Waits for the run when it lies beyond.
  void stepForward(analysis::StepSize size);
  void stepBack(analysis::StepSize size);
  [[nodiscard]] bool isStepPending() const { return m_pendingStep.has_value(); }

  // With gliding, a step forward moves there within a moment instead of jumping, so that one sees
  // what happens on the way. Off unless asked for.
  void setGliding(bool on) { m_gliding = on; }
  // Runs to the end (or to t) without waiting for the cursor: exports, screenshots, scrubbing.
  void runAheadTo(SimTime t);
  // Wants a dropped chunk back; traceGrown follows.
  void requestSlot(std::size_t slot);
  // Wants the node's full state at the cursor; nodeDescribed follows.
  void askNode(NodeIndex node);

  // Shows a frame that is not of the run, until the cursor moves: benchmarks.
  void showFrame(analysis::Frame frame);

Q_SIGNALS:
  void rebuilt(); // another plan; the trace is empty and all indices may be new
  void truncated(quint64 fromSequence); // an edit voided what came at or after the record
  // New chunks are in the trace. Sent before chunks over the memory cap are dropped from it, so
  // that whoever collects from all chunks can do so now.
  void traceGrown();
  void frameChanged();
  void cursorChanged();
  void stateChanged(); // playing, pace, pending step, run ended
  void nodeDescribed(const packetarium::world::NodeDescription &description);
  void buildFailed(const QString &message);

private:
  struct PendingStep {
    analysis::StepSize size = analysis::StepSize::Event;
    bool forward = true;
  };
  struct Glide {
    analysis::Cursor goal;
    double speed = 1; // seconds of the pace in a second
  };
  void onTick(double seconds);
  void glideTo(analysis::Cursor goal);
  void glide(double seconds);
  void onDocumentChanged(ChangeEvent event);
  void rebuild(bool keepCursor);
  void takeUpdates();
  void advance(double seconds);
  void moveTo(analysis::Cursor cursor);
  void settleCursor();
  void resumePendingStep();
  void refreshFrame();
  void aim();
  void wake();
  void setPlaying(bool playing);
  void takeChunks();
  void startAnew(std::uint64_t generation);
  void truncate(trace::Sequence from);
  void step(analysis::StepSize size, bool forward);
  void setPending(bool pending);
  [[nodiscard]] bool isStale() const { return m_wanted != m_generation; }
  [[nodiscard]] bool hasWork() const;
  [[nodiscard]] bool isFarAhead() const;
  [[nodiscard]] SimTime presentable() const;
  [[nodiscard]] const analysis::Pace &pace() const;
  [[nodiscard]] double factor() const;

  Document &m_document;
  session::Worker m_worker;
  FrameClock m_clock;
  scenario::BuiltScenario m_built;
  std::vector<analysis::PhaseStopSpec> m_phases;
  trace::Trace m_trace;
  analysis::Chronicle m_chronicle;
  analysis::FactBook m_facts;
  analysis::StoryPace m_story;
  analysis::ConstantPace m_constant{1};
  analysis::FrameBuilder m_frames;
  analysis::Frame m_frame;
  analysis::Cursor m_cursor;
  std::optional<SimTime> m_unsettled; // the cursor's instant whose records are not known yet
  std::optional<PendingStep> m_pendingStep;
  std::optional<trace::Sequence> m_pendingRecord;
  std::optional<Glide> m_glide;
  double m_presentation = 0;              // seconds on the pace, at the cursor
  std::deque<trace::ChunkPtr> m_incoming; // not yet in the trace: a few are taken a tick
  std::vector<std::size_t> m_toDrop;
  std::vector<std::size_t> m_requested; // slots asked for and not yet back
  SimTime m_runKnownUntil;              // once all that is incoming is in
  double m_idleSeconds = 0;
  std::optional<judge::Breach> m_breach, m_incomingBreach;
  std::uint64_t m_wanted = 0; // generation of the last start or script edit
  std::uint64_t m_generation = 0;
  std::uint64_t m_events = 0;
  std::uint64_t m_fingerprint = 0;
  SimTime m_aheadTo;
  PaceKind m_paceKind = PaceKind::Story;
  double m_speed = 1;
  bool m_playing = false;
  bool m_gliding = false;
  bool m_pending = true;
  bool m_runEnded = false;
  bool m_incomingEnded = false;
  bool m_frameStale = true;
};

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playback/playback.h"

#include "ui/playback/carried_frame.h"

#include <QElapsedTimer>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

// How far the run goes ahead by itself, in records. A seek beyond goes further.
constexpr trace::Sequence aheadRecordsMax = 200'000;
// Chunks are taken into the trace until this much of a tick is used up.
constexpr qint64 takeMsMax = 8;
constexpr double idleSecondsMax = 1.0;
// A step glides no longer than this, and jumps over less than the other.
constexpr double glideSecondsMax = 0.6;
constexpr double glideSecondsMin = 0.03;
// Spectator's seconds for which a lost packet, a use of a link, a note stay in sight.
constexpr double dropSeconds = 2.0;
constexpr double useSeconds = 1.0;
constexpr double noteSeconds = 4.0;

std::vector<analysis::PhaseStopSpec> stopsOf(const scenario::Scenario &scenario,
                                             const scenario::BuiltScenario &built) {
  std::vector<analysis::PhaseStopSpec> stops;
  for (const scenario::PhaseStop &phase : scenario.phases)
    stops.push_back({phase.on, built.node(phase.node).value, phase.nth});
  return stops;
}

} // namespace

Playback::Playback(Document &document, QObject *parent) : QObject(parent), m_document(document) {
  m_built.plan = std::make_shared<const world::Plan>();
  connect(&m_clock, &FrameClock::elapsed, this, &Playback::onTick);
  connect(&m_document, &Document::changed, this, &Playback::onDocumentChanged);
  if (!document.scenario().nodes.empty()) rebuild(false);
}

Playback::~Playback() = default;

bool Playback::atEnd() const { return m_runEnded && m_cursor.at >= lastInstant(); }

// ---- the document -----------------------------------------------------------------------------

void Playback::onDocumentChanged(ChangeEvent event) {
  if (event.kind == ChangeKind::Structure) return rebuild(!event.opened);
  if (event.kind != ChangeKind::Script) return;
  auto built = scenario::buildWhole(m_document.scenario(), &m_built);
  if (!built) {
    Q_EMIT buildFailed(QString::fromStdString(built.faults().front().text()));
    return;
  }
  m_built.script = std::move(built.value().script);
  m_wanted = m_worker.setScript(m_built.script);
  m_unsettled = m_cursor.at;
  m_requested.clear();
  aim();
  wake();
}

void Playback::rebuild(bool keepCursor) {
  auto built = scenario::buildWhole(m_document.scenario(), &m_built);
  if (!built) {
    Q_EMIT buildFailed(QString::fromStdString(built.faults().front().text()));
    return;
  }
  // Held, for the frame on show names nodes and links by their indices in it.
  const auto before = m_built.plan;
  m_built = std::move(built).value();
  m_phases = stopsOf(m_document.scenario(), m_built);
  m_wanted = m_worker.start(m_built.plan, m_built.script, m_built.end);
  startAnew(m_wanted);
  const SimTime at = keepCursor ? std::min(m_cursor.at, m_built.end) : SimTime::zero();
  m_cursor = {at, 0};
  m_unsettled = at;
  m_aheadTo = at;
  m_frame = keepCursor ? carriedFrame(m_frame, before->network, m_built.plan->network)
                       : untouchedFrame(m_built.plan->network);
  m_frame.cursor = m_cursor;
  aim();
  wake();
  Q_EMIT rebuilt();
  Q_EMIT frameChanged();
  Q_EMIT cursorChanged();
  Q_EMIT stateChanged();
}

void Playback::startAnew(std::uint64_t generation) {
  m_generation = generation;
  m_trace.clear();
  m_chronicle.clear();
  m_facts.clear();
  m_story.clear();
  m_frames = {};
  m_incoming.clear();
  m_toDrop.clear();
  m_requested.clear();
  m_runKnownUntil = SimTime::zero() - Duration::ns(1);
  m_trace.setKnownUntil(m_runKnownUntil);
  m_pendingStep.reset();
  m_pendingRecord.reset();
  m_glide.reset();
  m_presentation = 0;
  m_events = 0;
  m_fingerprint = 0;
  m_runEnded = m_incomingEnded = false;
  m_breach.reset();
  m_incomingBreach.reset();
  m_pending = m_frameStale = true;
}

// ---- what comes from the worker ---------------------------------------------------------------

void Playback::takeUpdates() {
  session::Updates updates = m_worker.poll();
  if (updates.generation != 0 && updates.generation == m_wanted) {
    m_generation = updates.generation;
    if (updates.truncateFrom) truncate(*updates.truncateFrom);
    for (auto &chunk : updates.chunks) m_incoming.push_back(std::move(chunk));
    m_toDrop.insert(m_toDrop.end(), updates.droppedSlots.begin(), updates.droppedSlots.end());
    m_runKnownUntil = updates.knownUntil;
    m_incomingEnded = updates.ended;
    m_incomingBreach = std::move(updates.breach);
    m_events = updates.events;
    m_fingerprint = updates.fingerprint;
    for (const auto &node : updates.nodes) Q_EMIT nodeDescribed(node);
  }
  takeChunks();
}

void Playback::truncate(trace::Sequence from) {
  std::erase_if(m_incoming, [&](const auto &chunk) { return chunk->summary.first >= from; });
  if (from > m_trace.lastSequence()) return;
  m_glide.reset();
  m_trace.truncate(from);
  m_chronicle.truncate(from);
  m_facts.truncate(from);
  m_story.truncate(from);
  const std::size_t slots = m_trace.slots().size();
  std::erase_if(m_toDrop, [&](std::size_t slot) { return slot >= slots; });
  m_runEnded = false;
  m_breach.reset();
  m_frameStale = true;
  Q_EMIT truncated(from);
  Q_EMIT stateChanged();
}

// Bounded by time, so that a run that comes in faster than it can be filed never stalls the window.
void Playback::takeChunks() {
  QElapsedTimer spent;
  spent.start();
  bool grown = false;
  while (!m_incoming.empty() && spent.elapsed() < takeMsMax) {
    const trace::ChunkPtr chunk = std::move(m_incoming.front());
    m_incoming.pop_front();
    m_trace.insert(chunk);
    std::erase(m_requested, m_trace.slotOf(chunk->summary.first));
    m_chronicle.extend(m_trace);
    m_facts.extend(m_trace);
    m_story.extend(m_trace);
    grown = true;
  }
  SimTime known = m_runKnownUntil;
  for (const auto &chunk : m_incoming)
    known = std::min(known, chunk->summary.from - Duration::ns(1));
  // A derived chunk lies in what is known already.
  known = std::max(known, std::min(m_trace.knownUntil(), m_runKnownUntil));
  const bool further = known != m_trace.knownUntil();
  m_trace.setKnownUntil(known);
  const bool ended = m_incomingEnded && m_incoming.empty();
  const bool endChanged = ended != m_runEnded;
  m_runEnded = ended;
  m_breach = ended ? m_incomingBreach : std::nullopt;
  if (grown || further || endChanged) {
    m_frameStale = m_frameStale || m_pending;
    Q_EMIT traceGrown();
  }
  if (m_incoming.empty()) {
    for (const std::size_t slot : m_toDrop)
      if (slot < m_trace.slots().size()) m_trace.drop(slot);
    m_toDrop.clear();
  }
  if (endChanged) Q_EMIT stateChanged();
}

// Within reach of the cursor, the whole run; else no further than somebody asked for.
void Playback::aim() {
  m_worker.setTarget(isFarAhead() ? std::max(m_aheadTo, m_cursor.at) : m_built.end);
}

bool Playback::isFarAhead() const {
  return m_trace.lastSequence() > m_cursor.upTo + aheadRecordsMax;
}

void Playback::requestSlot(std::size_t slot) {
  if (std::find(m_requested.begin(), m_requested.end(), slot) != m_requested.end()) return;
  m_requested.push_back(slot);
  m_worker.requestSlot(slot);
  wake();
}

void Playback::askNode(NodeIndex node) {
  m_worker.askNode(node, m_cursor.at);
  wake();
}

void Playback::runAheadTo(SimTime t) {
  m_aheadTo = std::max(m_aheadTo, std::min(t, m_built.end));
  aim();
  wake();
}

// ---- time -------------------------------------------------------------------------------------

const analysis::Pace &Playback::pace() const {
  if (m_paceKind == PaceKind::Story) return m_story;
  return m_constant;
}

double Playback::factor() const { return m_paceKind == PaceKind::Story ? m_speed : 1; }

double Playback::rate() const { return pace().rateAt(m_cursor.at) * factor(); }

double Playback::presentationAt(SimTime t) const { return pace().presentationAt(t); }

SimTime Playback::secondsAgo(double seconds) const {
  return pace().simulationAt(
      std::max(0.0, pace().presentationAt(m_cursor.at) - seconds * factor()));
}

SimTime Playback::presentable() const {
  if (isStale()) return m_cursor.at;
  if (m_runEnded) return lastInstant();
  const SimTime known = std::min(m_trace.knownUntil(), m_built.end);
  return m_paceKind == PaceKind::Story ? std::min(known, m_story.settledUntil()) : known;
}

void Playback::setPace(PaceKind kind, double speed) {
  if (!(speed > 0) || !std::isfinite(speed)) return;
  if (kind == m_paceKind && speed == m_speed) return;
  m_paceKind = kind;
  m_speed = speed;
  m_constant = analysis::ConstantPace(kind == PaceKind::Constant ? speed : 1);
  m_presentation = pace().presentationAt(m_cursor.at);
  Q_EMIT stateChanged();
}

void Playback::onTick(double seconds) {
  m_idleSeconds += seconds;
  takeUpdates();
  settleCursor();
  resumePendingStep();
  if (m_playing && !m_unsettled) advance(seconds);
  if (m_glide) glide(seconds);
  aim();
  if (m_frameStale) refreshFrame();
  if (!hasWork() && m_idleSeconds > idleSecondsMax) m_clock.stop();
}

bool Playback::hasWork() const {
  const bool running =
      !m_runEnded && (!isFarAhead() || m_trace.knownUntil() < std::max(m_aheadTo, m_cursor.at));
  return m_playing || m_pending || running || !m_incoming.empty() || !m_requested.empty() ||
         m_pendingStep || m_pendingRecord || m_glide;
}

void Playback::wake() {
  m_idleSeconds = 0;
  m_clock.start();
}

void Playback::advance(double seconds) {
  m_presentation += seconds * factor();
  const SimTime limit = presentable();
  SimTime t = pace().simulationAt(m_presentation);
  if (t > limit) {
    t = std::max(limit, m_cursor.at);
    m_presentation = pace().presentationAt(t);
  }
  if (t != m_cursor.at) {
    m_cursor = analysis::cursorAt(m_trace, t);
    m_frameStale = true;
    Q_EMIT cursorChanged();
  }
  if (atEnd()) setPlaying(false);
}

void Playback::moveTo(analysis::Cursor cursor) {
  m_unsettled.reset();
  m_glide.reset();
  m_cursor = cursor;
  m_presentation = pace().presentationAt(cursor.at);
  m_frameStale = true;
  wake();
  aim();
  refreshFrame();
  Q_EMIT cursorChanged();
}

// A cursor that was put where the run had not yet got to.
void Playback::settleCursor() {
  if (!m_unsettled || isStale()) return;
  if (!m_runEnded && m_trace.knownUntil() < *m_unsettled) return;
  moveTo(analysis::cursorAt(m_trace, std::min(*m_unsettled, lastInstant())));
}

void Playback::refreshFrame() {
  m_frameStale = false;
  if (isStale() || m_unsettled) return setPending(true);
  analysis::FrameOptions options;
  options.recentDrops = m_cursor.at - secondsAgo(dropSeconds);
  options.recentWindow = std::max(Duration::ms(20), m_cursor.at - secondsAgo(useSeconds));
  options.recentNotes = m_cursor.at - secondsAgo(noteSeconds);
  analysis::Frame frame = m_frames.at(m_trace, m_cursor, options, &m_chronicle);
  const bool silent = m_runEnded || m_trace.knownUntil() >= m_cursor.at;
  if (m_trace.empty() && silent) { // nothing happens in it: no traffic yet, or no nodes
    frame = untouchedFrame(network());
    frame.cursor = m_cursor;
  }
  if (frame.pending) {
    if (frame.slot < m_trace.slots().size()) requestSlot(frame.slot);
    return setPending(true);
  }
  if (frame.nodes.empty() && !network().nodes.empty()) return setPending(true); // no chunk yet
  m_frame = std::move(frame);
  setPending(false);
  Q_EMIT frameChanged();
}

void Playback::showFrame(analysis::Frame frame) {
  m_frame = std::move(frame);
  Q_EMIT frameChanged();
}

void Playback::setPending(bool pending) {
  if (pending == m_pending) return;
  m_pending = pending;
  Q_EMIT stateChanged();
}

// ---- transport --------------------------------------------------------------------------------

void Playback::setPlaying(bool playing) {
  if (playing == m_playing) return;
  m_playing = playing;
  wake();
  Q_EMIT stateChanged();
}

void Playback::play() {
  m_pendingStep.reset();
  m_glide.reset();
  if (atEnd()) restart();
  setPlaying(true);
}

void Playback::pause() { setPlaying(false); }

void Playback::toggle() {
  if (m_playing)
    pause();
  else
    play();
}

void Playback::restart() {
  m_pendingStep.reset();
  seek(SimTime::zero());
}

void Playback::seek(SimTime t) {
  t = std::clamp(t, SimTime::zero(), lastInstant());
  m_pendingRecord.reset();
  if (!isStale() && (m_runEnded || m_trace.knownUntil() >= t))
    return moveTo(analysis::cursorAt(m_trace, t));
  m_unsettled = t;
  m_glide.reset();
  m_cursor = {t, std::min(m_cursor.upTo, m_trace.lastSequence())};
  m_frameStale = true;
  setPending(true);
  runAheadTo(t);
  Q_EMIT cursorChanged();
}

void Playback::seek(analysis::Cursor cursor) {
  m_pendingRecord.reset();
  if (isStale()) return seek(cursor.at);
  moveTo(cursor);
}

void Playback::seekToRecord(trace::Sequence sequence) {
  m_pendingRecord.reset();
  if (const auto cursor = analysis::cursorAfter(m_trace, sequence)) return moveTo(*cursor);
  const std::size_t slot = m_trace.slotOf(sequence);
  if (slot >= m_trace.slots().size()) return;
  m_pendingRecord = sequence;
  requestSlot(slot);
}

void Playback::stepForward(analysis::StepSize size) { step(size, true); }

void Playback::stepBack(analysis::StepSize size) { step(size, false); }

void Playback::step(analysis::StepSize size, bool forward) {
  setPlaying(false);
  if (m_glide) moveTo(m_glide->goal); // the step before counts as done
  m_pendingStep = PendingStep{size, forward};
  m_pendingRecord.reset();
  resumePendingStep();
  Q_EMIT stateChanged();
}

void Playback::glideTo(analysis::Cursor goal) {
  m_presentation = pace().presentationAt(m_cursor.at);
  const double way = pace().presentationAt(goal.at) - m_presentation;
  if (way < glideSecondsMin) return moveTo(goal);
  m_glide = Glide{goal, std::max(way / glideSecondsMax, factor())};
  wake();
}

void Playback::glide(double seconds) {
  m_presentation += seconds * m_glide->speed;
  const SimTime t = pace().simulationAt(m_presentation);
  if (t >= m_glide->goal.at) return moveTo(m_glide->goal);
  if (t <= m_cursor.at) return;
  m_cursor = analysis::cursorAt(m_trace, t);
  m_frameStale = true;
  Q_EMIT cursorChanged();
}

void Playback::resumePendingStep() {
  if (m_pendingRecord) {
    if (const auto cursor = analysis::cursorAfter(m_trace, *m_pendingRecord)) {
      m_pendingRecord.reset();
      moveTo(*cursor);
    }
  }
  if (!m_pendingStep || isStale() || m_unsettled) return;
  const PendingStep step = *m_pendingStep;
  const analysis::StepContext context{m_trace, network(), m_chronicle, m_phases};
  const auto result = step.forward ? analysis::next(context, m_cursor, step.size)
                                   : analysis::previous(context, m_cursor, step.size);
  if (result.pendingSlot) return requestSlot(*result.pendingSlot);
  if (!result.cursor && step.forward && !m_runEnded) return runAheadTo(m_built.end);
  m_pendingStep.reset();
  if (result.cursor && step.forward && m_gliding)
    glideTo(*result.cursor);
  else if (result.cursor)
    moveTo(*result.cursor);
  else if (step.forward)
    moveTo(analysis::cursorAt(m_trace, lastInstant()));
  Q_EMIT stateChanged();
}

} // namespace packetarium::ui

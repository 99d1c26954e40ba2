// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/capture_export.h"

#include "core/analysis/capture.h"
#include "core/session/runner.h"

#include <QSaveFile>

#include <sstream>

namespace packetarium::ui {
namespace {

constexpr std::uint64_t eventsPerStretch = 20'000;

/// Hands over what the stream holds and empties it.
bool drain(std::ostringstream &stream, QSaveFile &file) {
  const std::string bytes = stream.str();
  stream.str({});
  const auto size = static_cast<qint64>(bytes.size());
  return file.write(bytes.data(), size) == size;
}

} // namespace

CaptureExport::CaptureExport(const scenario::BuiltScenario &built, SimTime until,
                             const QString &file, QObject *parent)
    : QObject(parent), m_built(built), m_until(until), m_file(file) {}

CaptureExport::~CaptureExport() {
  m_cancelled = true;
  if (m_thread.joinable()) m_thread.join();
}

void CaptureExport::start() {
  m_thread = std::thread([this] { work(); });
}

void CaptureExport::work() {
  QSaveFile file(m_file);
  if (!file.open(QIODevice::WriteOnly)) {
    Q_EMIT finished(0, tr("%1 cannot be written: %2").arg(m_file, file.errorString()));
    return;
  }
  const auto plan = m_built.plan;
  session::Runner runner(plan, m_built.script, m_until);
  std::ostringstream stream;
  analysis::CaptureWriter writer(stream,
                                 std::shared_ptr<const net::Blueprint>(plan, &plan->network));
  bool good = true;
  const double whole = std::max(1e-9, m_until.toSeconds());
  while (good && !m_cancelled) {
    runner.advance(m_until, eventsPerStretch);
    const bool last = runner.ended() || runner.knownUntil() >= m_until;
    if (last) runner.flush();
    for (const trace::ChunkPtr &chunk : runner.takeChunks()) writer.add(*chunk);
    good = drain(stream, file);
    Q_EMIT progressed(
        static_cast<int>(100 * std::max(0.0, runner.knownUntil().toSeconds()) / whole));
    if (last) break;
  }
  if (m_cancelled) {
    file.cancelWriting();
    Q_EMIT finished(0, tr("The export was cancelled."));
    return;
  }
  good = good && file.commit();
  Q_EMIT finished(writer.packetCount(),
                  good ? QString()
                       : tr("%1 cannot be written: %2").arg(m_file, file.errorString()));
}

} // namespace packetarium::ui

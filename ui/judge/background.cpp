// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/background.h"

#include <utility>

namespace packetarium::ui {

Background::~Background() {
  cancel();
  {
    const std::lock_guard lock(m_mutex);
    m_quit = true;
  }
  m_wake.notify_all();
  if (m_thread.joinable()) m_thread.join();
}

void Background::cancel() {
  if (m_latest) m_latest->cancelled = true;
  m_latest.reset();
  const std::lock_guard lock(m_mutex);
  m_next.reset();
}

void Background::start(Work work) {
  cancel();
  m_latest = std::make_shared<Job>();
  m_latest->work = std::move(work);
  {
    const std::lock_guard lock(m_mutex);
    m_next = m_latest;
  }
  if (!m_thread.joinable()) m_thread = std::thread([this] { loop(); });
  m_wake.notify_all();
}

void Background::loop() {
  for (;;) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(m_mutex);
      m_wake.wait(lock, [this] { return m_quit || m_next != nullptr; });
      if (m_quit) return;
      job = std::exchange(m_next, nullptr);
    }
    Deliver deliver = job->work(job->cancelled);
    QMetaObject::invokeMethod(
        this, [this, job, deliver = std::move(deliver)] { finish(job, deliver); },
        Qt::QueuedConnection);
  }
}

void Background::finish(const std::shared_ptr<Job> &job, const Deliver &deliver) {
  if (job != m_latest) return;
  m_latest.reset();
  if (deliver) deliver();
}

} // namespace packetarium::ui

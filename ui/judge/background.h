// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace packetarium::ui {

/// Does one piece of work at a time on a thread of its own. What is started later takes the place
/// of what is under way, which is told to give up and whose result nobody sees.
class Background : public QObject {
  Q_OBJECT
public:
  /// Called on this object's thread with what the work found.
  using Deliver = std::function<void()>;
  /// Called on the other thread: it may touch only what it holds itself.
  using Work = std::function<Deliver(const std::atomic<bool> &cancelled)>;

  explicit Background(QObject *parent = nullptr) : QObject(parent) {}
  ~Background() override; ///< cancels and waits

  void start(Work work);
  void cancel();
  [[nodiscard]] bool isBusy() const { return m_latest != nullptr; }

private:
  struct Job {
    Work work;
    std::atomic<bool> cancelled{false};
  };
  void loop();
  void finish(const std::shared_ptr<Job> &job, const Deliver &deliver);

  std::shared_ptr<Job> m_latest; ///< of this object's thread; null: nothing is awaited
  std::mutex m_mutex;
  std::condition_variable m_wake;
  std::shared_ptr<Job> m_next; ///< guarded
  bool m_quit = false;         ///< guarded
  std::thread m_thread;
};

} // namespace packetarium::ui

// One thread that runs tasks in order: a detector's sessions are created, used and destroyed on it alone.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace ghostcam {

class TaskThread {
 public:
  /// A task is called exactly once, on the thread: with true to do its work, with false when the thread
  /// stopped before its turn came. It must not throw.
  using Task = std::function<void(bool run)>;

  /// `interrupt` is called, from any thread and possibly during a task, to make the task under way return
  /// soon.
  explicit TaskThread(std::function<void()> interrupt);
  /// Interrupts and joins.
  ~TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  /// Queues a task; false, and the task is dropped uncalled, when the thread is stopping.
  bool Post(Task task);
  /// Lets the task under way finish, gives the queued ones false, then runs `last` with false and ends. Does
  /// not wait. False, and `last` is dropped, when the thread is stopping already.
  bool Stop(Task last);
  /// Interrupts the task under way, gives the queued ones false, waits for the end of the thread. Idempotent.
  void Join() noexcept;

  /// Seconds of CPU time of this thread and of the threads that its tasks started (ONNX Runtime's pools) so
  /// far.
  double CpuSeconds() const;

 private:
  void Loop();

  const std::function<void()> interrupt_;
  const int id_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> queue_;
  bool stopping_ = false;
  mutable std::mutex cpu_mutex_;
  mutable double cpu_seconds_ = 0;  // the last reading: what is left when the threads are gone
  std::mutex join_mutex_;
  std::thread thread_;
};

/// Joins every TaskThread of the process when it exits. Call it after each step that makes a library register
/// exit handlers of its own (handlers run last in, first out), so that no inference runs while that library
/// is torn down: process.exit() runs no environment cleanup hook.
void JoinTaskThreadsAtExit();

}  // namespace ghostcam

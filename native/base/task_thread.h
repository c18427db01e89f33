// A thread that runs tasks in order. A detector's session is created, used and destroyed on one such thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace ghostcam {

/// One thread and its queue of tasks. Post(), Stop(), Join() and CpuSeconds() may be called from any thread.
class TaskThread {
 public:
  /// A task is called exactly once, on the thread: with true to do its work, with false when the thread
  /// stopped before its turn came. It must not throw.
  using Task = std::function<void(bool run)>;

  /// `interrupt` is called by Join(), possibly during a task, to make the current task return soon.
  /// `name` is the first part of the thread's name, of at most 9 bytes. Throws an ADDON error when the system
  /// starts no more threads.
  explicit TaskThread(std::function<void()> interrupt, const std::string& name = "ghostcam");
  /// Interrupts and joins.
  ~TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  /// Queues a task. Returns false, and drops the task uncalled, when the thread is stopping.
  bool Post(Task task);
  /// Lets the current task finish, calls the queued ones with false, then `last` with false, and ends the
  /// thread. Does not wait. Returns false, and drops `last`, when the thread is stopping already.
  bool Stop(Task last);
  /// Interrupts the current task, calls the queued ones with false, and waits for the thread to end.
  /// Idempotent.
  void Join() noexcept;

  /// CPU time so far, in seconds, of this thread and of the threads that its tasks started, such as ONNX
  /// Runtime's pools. Threads that ended since the last call may be missing.
  double CpuSeconds() const;

 private:
  void Loop();

  const std::function<void()> interrupt_;
  const std::string name_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> queue_;
  bool stopping_ = false;
  mutable std::mutex cpu_mutex_;
  mutable double cpu_seconds_ = 0;  // the last reading, which is returned once the threads are gone
  std::mutex join_mutex_;
  std::thread thread_;
};

/// Registers an exit handler that joins every TaskThread of the process; process.exit() runs no environment
/// cleanup hook. To be called after each step that makes a library register exit handlers of its own:
/// handlers run last in, first out, and no inference may run while that library is torn down.
void JoinTaskThreadsAtExit();

}  // namespace ghostcam

// A thread that runs tasks in order.
#include "base/task_thread.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "base/cpu_time.h"
#include "base/error.h"

namespace ghostcam {
namespace {

/// All living threads. Never destroyed, because it is used while the process exits.
struct Registry {
  std::mutex mutex;
  std::set<TaskThread*> threads;
};
Registry& AllThreads() {
  static auto* registry = new Registry;
  return *registry;
}

int NextId() {
  static std::atomic<int> next{1};
  return next++;
}

/// At most 15 bytes, Linux's limit. A new thread inherits the name of its creator, by which CpuSeconds()
/// finds it.
std::string ThreadName(const std::string& name, int id) { return name + "-" + std::to_string(id % 100000); }

}  // namespace

TaskThread::TaskThread(std::function<void()> interrupt, const std::string& name)
    : interrupt_(std::move(interrupt)), name_(ThreadName(name, NextId())) {
  try {
    thread_ = std::thread([this] { Loop(); });
  } catch (const std::system_error& error) {
    throw Error("ADDON", std::string("no thread can be started: ") + error.code().message() +
                             "; raise the limit of processes (ulimit -u, TasksMax= of a service)");
  }
  Registry& all = AllThreads();
  std::lock_guard<std::mutex> lock(all.mutex);
  all.threads.insert(this);
}

TaskThread::~TaskThread() {
  {
    Registry& all = AllThreads();
    std::lock_guard<std::mutex> lock(all.mutex);
    all.threads.erase(this);
  }
  Join();
}

bool TaskThread::Post(Task task) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return false;
    queue_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

bool TaskThread::Stop(Task last) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return false;
    stopping_ = true;
    if (last) queue_.push_back(std::move(last));
  }
  wake_.notify_one();
  return true;
}

void TaskThread::Join() noexcept {
  Stop(nullptr);
  interrupt_();
  std::lock_guard<std::mutex> lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

double TaskThread::CpuSeconds() const {
  std::lock_guard<std::mutex> lock(cpu_mutex_);
  cpu_seconds_ = std::max(cpu_seconds_, NamedThreadsCpuSeconds(name_));
  return cpu_seconds_;
}

void TaskThread::Loop() {
  pthread_setname_np(pthread_self(), name_.c_str());
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) break;
    Task task = std::move(queue_.front());
    queue_.pop_front();
    bool run = !stopping_;
    lock.unlock();
    task(run);
    task = nullptr;  // frees what the task holds while the lock is not held
    lock.lock();
  }
}

void JoinTaskThreadsAtExit() {
  std::atexit([] {
    Registry& all = AllThreads();
    std::lock_guard<std::mutex> lock(all.mutex);
    for (TaskThread* thread : all.threads) thread->Join();
  });
}

}  // namespace ghostcam

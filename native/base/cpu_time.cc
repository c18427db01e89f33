// CPU time of processes and threads, from the kernel's CPU clocks.
#include "base/cpu_time.h"

#include <dirent.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>

namespace ghostcam {
namespace {

std::optional<double> ReadClock(clockid_t clock) {
  timespec time;
  if (clock_gettime(clock, &time) != 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// The CPU clock of a thread of this process. pthread_getcpuclockid(3) of glibc and musl makes the same
/// number, but wants a pthread_t, which nobody has of a library's threads.
clockid_t ThreadClock(pid_t thread) {
  constexpr unsigned kPerThreadSchedulerClock = 6;
  return static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3) | kPerThreadSchedulerClock);
}

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

std::optional<double> ProcessCpuSeconds(pid_t process) {
  clockid_t clock;
  // The kernel's limit (proc(5), pid_max). Other numbers would make the clock of another process.
  constexpr pid_t kMaxProcess = 1 << 22;
  if (process < 1 || process > kMaxProcess || clock_getcpuclockid(process, &clock) != 0) return std::nullopt;
  return ReadClock(clock);
}

double ThreadCpuSeconds() { return ReadClock(CLOCK_THREAD_CPUTIME_ID).value_or(0); }

double NamedThreadsCpuSeconds(const std::string& name) {
  const std::string root = "/proc/self/task";
  std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(root.c_str()), closedir);
  if (directory == nullptr) return 0;
  double total = 0;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_name[0] == '.') continue;
    if (FirstLine(root + "/" + entry->d_name + "/comm") != name) continue;
    total += ReadClock(ThreadClock(std::atoi(entry->d_name))).value_or(0);
  }
  return total;
}

}  // namespace ghostcam

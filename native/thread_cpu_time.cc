#include "thread_cpu_time.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

namespace ghostcam {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Seconds from /proc/self/task/<id>: `schedstat` counts nanoseconds; kernels without it (Android) have
/// `stat`'s clock ticks.
double CpuSeconds(const std::string& task) {
  std::string schedstat = ReadFile(task + "/schedstat");
  if (!schedstat.empty()) return std::strtod(schedstat.c_str(), nullptr) / 1e9;
  std::string stat = ReadFile(task + "/stat");
  // The second field, "(name)", may hold spaces; utime and stime are the 12th and 13th after it.
  const char* at = stat.c_str() + std::min(stat.rfind(')'), stat.size());
  unsigned long user = 0, system = 0;
  if (std::sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) return 0;
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

double ThreadCpuSeconds(const std::string& name) {
  const std::string root = "/proc/self/task";
  std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(root.c_str()), closedir);
  if (directory == nullptr) return 0;
  double total = 0;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_name[0] == '.') continue;
    std::string task = root + "/" + entry->d_name;
    if (ReadFile(task + "/comm") == name + "\n") total += CpuSeconds(task);
  }
  return total;
}

}  // namespace ghostcam

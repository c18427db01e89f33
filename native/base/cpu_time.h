// CPU time of processes and threads, from the kernel's CPU clocks.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace ghostcam {

/// User and system CPU time, in seconds, of a process with all its threads (clock_getcpuclockid(3)). Nothing
/// when there is no such process.
std::optional<double> ProcessCpuSeconds(pid_t process);

/// User and system CPU time, in seconds, of the calling thread.
double ThreadCpuSeconds();

/// User and system CPU time, in seconds, of this process's live threads with this name together. 0 where
/// /proc is not mounted.
double NamedThreadsCpuSeconds(const std::string& name);

}  // namespace ghostcam

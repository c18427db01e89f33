#pragma once

#include <string>

namespace ghostcam {

/// CPU time, in seconds, of this process's live threads with this name (proc_pid_task(5)). 0 where /proc is
/// not mounted.
double ThreadCpuSeconds(const std::string& name);

}  // namespace ghostcam

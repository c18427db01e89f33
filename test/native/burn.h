// Work for tests that measure CPU time.
#pragma once

#include "base/cpu_time.h"

namespace ghostcam {

/// Uses so many seconds of the calling thread's CPU time, however long that takes.
inline void Burn(double seconds) {
  const double end = ThreadCpuSeconds() + seconds;
  while (ThreadCpuSeconds() < end) {
  }
}

}  // namespace ghostcam

// The JS functions about processes: notifyServiceManager, processCpuSeconds and threadCpuSeconds.
#pragma once

#include <napi.h>

namespace ghostcam {

/// notifyServiceManager(socket, message): why the message could not be sent, '' when it was. See
/// NotifyServiceManager().
Napi::Value NotifyServiceManagerBinding(const Napi::CallbackInfo& info);

/// processCpuSeconds(pid): user and system CPU time of a process with all its threads, in seconds; undefined
/// when there is no such process.
Napi::Value ProcessCpuSecondsBinding(const Napi::CallbackInfo& info);

/// threadCpuSeconds(): user and system CPU time of the calling JS thread, in seconds.
Napi::Value ThreadCpuSecondsBinding(const Napi::CallbackInfo& info);

}  // namespace ghostcam

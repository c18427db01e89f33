// The JS functions about processes: notifyServiceManager, processCpuSeconds and threadCpuSeconds.
#include "bindings/process.h"

#include <string>

#include "base/cpu_time.h"
#include "base/service_manager.h"

namespace ghostcam {

Napi::Value NotifyServiceManagerBinding(const Napi::CallbackInfo& info) {
  std::string socket = info[0].As<Napi::String>().Utf8Value();
  std::string message = info[1].As<Napi::String>().Utf8Value();
  return Napi::String::New(info.Env(), NotifyServiceManager(socket, message));
}

Napi::Value ProcessCpuSecondsBinding(const Napi::CallbackInfo& info) {
  std::optional<double> seconds = ProcessCpuSeconds(info[0].As<Napi::Number>().Int32Value());
  if (!seconds) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), *seconds);
}

Napi::Value ThreadCpuSecondsBinding(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), ThreadCpuSeconds());
}

}  // namespace ghostcam

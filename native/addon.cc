// The addon's entry point: what it exports to src/native/addon.ts.
#include <napi.h>

#include "base/heap.h"
#include "bindings/frame_reader.h"
#include "bindings/load_runtime.h"
#include "bindings/motion_meter.h"
#include "bindings/native_detector.h"
#include "bindings/process.h"
#include "bindings/to_rgb.h"

namespace ghostcam {
namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  ReturnLargeBlocks();
  exports.Set("FrameReader", FrameReader::Define(env));
  exports.Set("MotionMeter", MotionMeter::Define(env));
  exports.Set("NativeDetector", NativeDetector::Define(env));
  exports.Set("loadRuntime", Napi::Function::New<LoadRuntimeBinding>(env));
  exports.Set("notifyServiceManager", Napi::Function::New<NotifyServiceManagerBinding>(env));
  exports.Set("processCpuSeconds", Napi::Function::New<ProcessCpuSecondsBinding>(env));
  exports.Set("threadCpuSeconds", Napi::Function::New<ThreadCpuSecondsBinding>(env));
  exports.Set("toRgb", Napi::Function::New<ToRgbBinding>(env));
  return exports;
}

NODE_API_MODULE(ghostcam, Init)

}  // namespace
}  // namespace ghostcam

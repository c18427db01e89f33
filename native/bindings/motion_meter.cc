// The JS class MotionMeter, the motion detection of one camera.
#include "bindings/motion_meter.h"

#include "bindings/errors.h"
#include "bindings/values.h"

namespace ghostcam {

Napi::Function MotionMeter::Define(Napi::Env env) {
  return DefineClass(
      env, "MotionMeter",
      {InstanceMethod<&MotionMeter::Update>("update"), InstanceMethod<&MotionMeter::Boxes>("boxes"),
       InstanceMethod<&MotionMeter::ChangedCells>("changedCells"),
       InstanceMethod<&MotionMeter::SetMask>("setMask"),
       StaticValue("maskSide", Napi::Number::New(env, Motion::kMaskSide))});
}

MotionMeter::MotionMeter(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MotionMeter>(info) {}

double MotionMeter::Measure(const uint8_t* luma, int width, int height, double seconds, bool learn) {
  std::lock_guard lock(mutex_);
  return motion_.Update(luma, width, height, seconds, learn);
}

Napi::Value MotionMeter::Update(const Napi::CallbackInfo& info) {
  auto data = info[0].As<Napi::Uint8Array>();
  const int width = info[1].As<Napi::Number>().Int32Value();
  const int height = info[2].As<Napi::Number>().Int32Value();
  CheckLuma(info.Env(), width, height, data.ByteLength());
  const double seconds = info[3].As<Napi::Number>().DoubleValue();
  const bool learn = info[4].As<Napi::Boolean>();
  return Napi::Number::New(info.Env(), Measure(data.Data(), width, height, seconds, learn));
}

Napi::Value MotionMeter::ChangedCells(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  std::unique_lock lock(mutex_);
  const Motion::Cells cells = motion_.ChangedCells();
  lock.unlock();
  auto runs = Napi::Array::New(env, cells.runs.size());
  for (size_t i = 0; i < cells.runs.size(); i++) {
    runs[static_cast<uint32_t>(i)] = Napi::Number::New(env, cells.runs[i]);
  }
  auto result = Napi::Object::New(env);
  result["side"] = Napi::Number::New(env, cells.side);
  result["columns"] = Napi::Number::New(env, cells.columns);
  result["runs"] = runs;
  return result;
}

Napi::Value MotionMeter::Boxes(const Napi::CallbackInfo& info) {
  std::lock_guard lock(mutex_);
  const std::vector<MotionBox>& boxes = motion_.Boxes();
  auto packed = Napi::Float32Array::New(info.Env(), boxes.size() * 5);
  float* out = packed.Data();
  for (const MotionBox& box : boxes) {
    *out++ = static_cast<float>(box.x1), *out++ = static_cast<float>(box.y1);
    *out++ = static_cast<float>(box.x2), *out++ = static_cast<float>(box.y2);
    *out++ = box.strength;
  }
  return packed;
}

void MotionMeter::SetMask(const Napi::CallbackInfo& info) {
  auto mask = info[0].As<Napi::Uint8Array>();
  if (mask.ByteLength() != static_cast<size_t>(Motion::kMaskSide) * Motion::kMaskSide) {
    throw ToJsError(info.Env(), {"FRAME", "the mask has the wrong size"});
  }
  std::lock_guard lock(mutex_);
  motion_.SetMask({mask.Data(), mask.Data() + mask.ByteLength()});
}

}  // namespace ghostcam

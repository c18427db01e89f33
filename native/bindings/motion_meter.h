// The JS class MotionMeter, the motion detection of one camera.
#pragma once

#include <napi.h>

#include <cstdint>
#include <mutex>

#include "image/motion.h"

namespace ghostcam {

/// The class behind src/motion/meter.ts; its static property `maskSide` is the side of a mask. Its methods
/// compute on the JS thread; a FrameReader measures on its own.
class MotionMeter : public Napi::ObjectWrap<MotionMeter> {
 public:
  static Napi::Function Define(Napi::Env env);

  /// new MotionMeter()
  explicit MotionMeter(const Napi::CallbackInfo& info);

  /// Motion::Update(), for any thread.
  double Measure(const uint8_t* luma, int width, int height, double seconds, bool learn);

 private:
  /// update(data, width, height, seconds, learn): the share of the picture that changed, 0..1, or -1 where
  /// there is nothing to compare with. `data` begins with the luma plane. Throws FRAME when it is too short
  /// for that.
  Napi::Value Update(const Napi::CallbackInfo& info);

  /// changedCells(): { side, columns, runs } of the last frame, as Motion::Cells has them.
  Napi::Value ChangedCells(const Napi::CallbackInfo& info);

  /// boxes(): where the last frame changed, the strongest first: a Float32Array of x1, y1, x2, y2 in pixels
  /// and the strength of each.
  Napi::Value Boxes(const Napi::CallbackInfo& info);

  /// setMask(mask): excludes parts of the picture; maskSide rows of maskSide bytes. Throws FRAME for another
  /// size.
  void SetMask(const Napi::CallbackInfo& info);

  std::mutex mutex_;  // of motion_
  Motion motion_;
};

}  // namespace ghostcam

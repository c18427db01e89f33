// The JS function toRgb, frames as RGB pictures.
#pragma once

#include <napi.h>

namespace ghostcam {

/// toRgb({data, format, width, height, fullRange, bt709}): a promise of a Buffer of rgb24. The pixels are
/// copied before it returns, and converted on a thread of libuv's pool. Throws FRAME when `data` has not the
/// size of such a frame.
Napi::Value ToRgbBinding(const Napi::CallbackInfo& info);

}  // namespace ghostcam

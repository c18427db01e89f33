// The JS function toRgb, frames as RGB pictures.
#pragma once

#include <napi.h>

namespace ghostcam {

/// toRgb({data, format, width, height, fullRange, bt709}, {left, top, width, height}, shapes, into): converts
/// a part of the frame to rgb24 and draws the shapes over it, in their order: {color, opacity, corners:
/// Float32Array of x, y in pixels of the part} or {color, opacity, left, top, width, height, mask:
/// Uint8Array}, colors as 0xrrggbb. A promise of `into`, which is filled on a thread of libuv's pool and must
/// not be touched until then; the pixels are copied before it returns. Throws FRAME when a size is wrong.
Napi::Value ToRgbBinding(const Napi::CallbackInfo& info);

}  // namespace ghostcam

// JS values as plain structs. Their types are validated in src/; only what memory safety depends on is
// checked here again.
#pragma once

#include <napi.h>

#include <string>

#include "detection/model_spec.h"
#include "image/frame.h"

namespace ghostcam {

/// Properties of an object, which has them and with the right type.
int IntProperty(const Napi::Object& object, const char* name);
float FloatProperty(const Napi::Object& object, const char* name);
std::string StringProperty(const Napi::Object& object, const char* name);

/// The manifest as src/model/manifest.ts validated it, at this size of its input in pixels.
ModelSpec ReadModelSpec(const Napi::Object& manifest, int width, int height);

/// {data, format, width, height, fullRange, bt709}. The pixels are not copied: the frame is valid while
/// `data` is referenced. Throws a FRAME error when `data` has not the size of such a frame.
Frame ReadFrame(Napi::Env env, const Napi::Object& object);

/// {left, top, width, height} in pixels of the frame. Throws a FRAME error when it has no pixels or is not
/// within the frame.
Region ReadRegion(Napi::Env env, const Napi::Object& object, const Frame& frame);

/// Throws a FRAME error unless the sides are 1..kMaxFrameSide and there are at least width * height bytes of
/// luma.
void CheckLuma(Napi::Env env, int width, int height, size_t bytes);

}  // namespace ghostcam

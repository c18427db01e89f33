#pragma once

#include "frame.h"
#include "model_spec.h"
#include "pixel_kernels.h"

namespace ghostcam {

/// From the frame's colour planes to the tensor's: YCbCr to RGB as the frame says (ITU-R BT.601 / BT.709),
/// clamped to 0..255, then (pixel - mean) / std.
ColorTransform MakeColorTransform(const Frame& frame, const InputSpec& input);

}  // namespace ghostcam

// The colour conversion of a frame.
#pragma once

#include "image/frame.h"
#include "image/input_spec.h"
#include "image/pixel_kernels.h"

namespace ghostcam {

/// The transform from the frame's colours to the tensor's: YCbCr to RGB with the frame's matrix and range
/// (ITU-R BT.601-7, BT.709-6), clamped to 0..255, then (pixel - mean) / std.
ColorTransform MakeColorTransform(const Frame& frame, const InputSpec& input);

}  // namespace ghostcam

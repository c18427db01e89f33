// Frames as RGB pictures, for snapshots.
#pragma once

#include <cstdint>

#include "image/frame.h"

namespace ghostcam {

/// Converts a frame to rgb24, 3 * width * height bytes, with the colour conversion that the model's input
/// has.
void ToRgb(const Frame& frame, uint8_t* rgb);

}  // namespace ghostcam

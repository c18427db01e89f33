// Frames as RGB pictures, for snapshots.
#pragma once

#include <cstddef>
#include <cstdint>

#include "image/frame.h"

namespace ghostcam {

/// Converts a part of a frame, which lies within it, to rgb24, 3 * region.width * region.height bytes.
/// Colours are those of ITU-R BT.601-7 or BT.709-6; each chroma sample counts for its four pixels, which is
/// what a JPEG makes of them again.
void ToRgb(const Frame& frame, const Region& region, uint8_t* rgb);

}  // namespace ghostcam

// A part of a frame as a frame of its own.
#pragma once

#include <vector>

#include "image/frame.h"

namespace ghostcam {

/// Whether a region within the frame has whole samples of chroma: its left and top are even, so are its width
/// and height unless it reaches the right or lower edge.
bool IsAligned(const Region& region, const Frame& frame);

/// Copies the region, which is within the frame and aligned, to `pixels`, in the frame's own format.
void Crop(const Frame& frame, const Region& region, std::vector<uint8_t>& pixels);

}  // namespace ghostcam

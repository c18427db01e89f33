// The planes of a frame, or of a part of it, where they are in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/frame.h"

namespace ghostcam {

/// Rows of samples within a frame.
struct Plane {
  const uint8_t* data;
  /// Bytes from one row to the next.
  size_t stride;
  /// Bytes of a row.
  size_t row_bytes;
};

/// Whether a region within the frame has whole samples of chroma: its left and top are even, so are its width
/// and height unless it reaches the right or lower edge.
bool IsAligned(const Region& region, const Frame& frame);

/// Of a region that is within the frame and aligned: Y, Cb and Cr, or the one of interleaved R, G and B.
std::vector<Plane> PlanesOf(const Frame& frame, const Region& region);

}  // namespace ghostcam

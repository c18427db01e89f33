// The samples of a region of a frame.
#pragma once

#include <vector>

#include "image/planes.h"

namespace ghostcam {

/// Those of all planes one after the other, as a frame of the region's size has them.
inline std::vector<uint8_t> RegionSamples(const Frame& frame, const Region& region) {
  std::vector<uint8_t> samples;
  for (const Plane& plane : PlanesOf(frame, region)) {
    const int rows = samples.empty() ? region.height : (region.height + 1) / 2;
    for (int y = 0; y < rows; y++) {
      const uint8_t* row = plane.data + static_cast<size_t>(y) * plane.stride;
      samples.insert(samples.end(), row, row + plane.row_bytes);
    }
  }
  return samples;
}

}  // namespace ghostcam

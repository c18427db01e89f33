// Frames as RGB pictures, for snapshots.
#include "image/rgb.h"

#include <cmath>
#include <vector>

#include "image/letterbox.h"

namespace ghostcam {

void ToRgb(const Frame& frame, uint8_t* rgb) {
  // This letterbox has no border and neither scales nor normalises.
  InputSpec input{"", frame.width, frame.height, {0, 0, 0}, {1, 1, 1}, 0};
  const size_t pixels = static_cast<size_t>(frame.width) * frame.height;
  std::vector<float> planes(3 * pixels);
  Letterbox letterbox(input);
  letterbox(frame, planes.data());
  for (size_t i = 0; i < pixels; i++) {
    for (size_t c = 0; c < 3; c++) {
      rgb[3 * i + c] = static_cast<uint8_t>(std::lround(planes[c * pixels + i]));
    }
  }
}

}  // namespace ghostcam

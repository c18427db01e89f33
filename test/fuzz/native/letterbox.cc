// The letterbox: frames of any size, whole or a part of them, one after the other, into inputs of any size.
#include "image/letterbox.h"

#include <cmath>

#include "frames.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ghostcam;
  fuzz::Input input(data, size);
  InputSpec spec{"images", input.Between(1, 128),       input.Between(1, 128), {},
                 {},       input.Between(0, 255) * 1.0f};
  float low = INFINITY, high = -INFINITY;
  for (int c = 0; c < 3; c++) {
    spec.mean[c] = input.Between(0, 255) * 1.0f;
    spec.std[c] = input.Between(1, 1000) / 4.0f;
    low = std::min(low, (0 - spec.mean[c]) / spec.std[c]);
    high = std::max(high, (255 - spec.mean[c]) / spec.std[c]);
  }
  Letterbox letterbox(spec);
  std::vector<float> tensor(size_t{3} * spec.width * spec.height, NAN);
  for (int frames = input.Between(1, 3); frames > 0; frames--) {
    fuzz::OwnedFrame owned = fuzz::ReadFrame(input);
    const Geometry geometry = letterbox(owned.frame, fuzz::ReadRegion(input, owned.frame), tensor.data());
    fuzz::Require(geometry.left >= 0 && geometry.width >= 1 && geometry.left + geometry.width <= spec.width);
    fuzz::Require(geometry.top >= 0 && geometry.height >= 1 && geometry.top + geometry.height <= spec.height);
    // Each element is written, and is a pixel value's.
    for (float value : tensor) fuzz::Require(value >= low - 1e-3f && value <= high + 1e-3f);
  }
  return 0;
}

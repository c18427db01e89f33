#pragma once

#include <algorithm>
#include <cmath>

namespace ghostcam {

/// Where the picture lies in the model's input: the largest size of the same aspect that fits, centred.
struct Geometry {
  int width;
  int height;
  int left;
  int top;

  bool operator==(const Geometry& other) const {
    return width == other.width && height == other.height && left == other.left && top == other.top;
  }
};

/// Fits frame_width x frame_height into input_width x input_height.
inline Geometry Fit(int frame_width, int frame_height, int input_width, int input_height) {
  double ratio = std::min(static_cast<double>(input_width) / frame_width,
                          static_cast<double>(input_height) / frame_height);
  auto scaled = [ratio](int size, int limit) {
    return std::clamp(static_cast<int>(std::floor(size * ratio + 0.5)), 1, limit);
  };
  int width = scaled(frame_width, input_width), height = scaled(frame_height, input_height);
  return {width, height, (input_width - width) / 2, (input_height - height) / 2};
}

}  // namespace ghostcam

// Where a letterboxed picture lies in the model's input.
#pragma once

#include <algorithm>
#include <cmath>

namespace ghostcam {

/// The picture's size and its left and top edge, in input pixels.
struct Geometry {
  int width;
  int height;
  int left;
  int top;

  bool operator==(const Geometry& other) const {
    return width == other.width && height == other.height && left == other.left && top == other.top;
  }
};

/// The largest size with the frame's aspect ratio that fits into the input, centred. Sizes are in pixels, at
/// least 1.
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

// The model's input tensor, which a frame is scaled and normalised for.
#pragma once

#include <array>
#include <string>

namespace ghostcam {

/// The input tensor: float32 [1, 3, height, width], planes R, G, B, value = (pixel - mean) / std.
struct InputSpec {
  std::string name;
  int width = 0;
  int height = 0;
  /// For R, G, B, in pixel values 0..255.
  std::array<float, 3> mean{};
  std::array<float, 3> std{};
  /// Pixel value, 0..255, of the border around the letterboxed picture.
  float pad = 0;
};

}  // namespace ghostcam

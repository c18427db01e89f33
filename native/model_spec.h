// What the model's manifest says, as plain values. Validated by src/detect/manifest.ts.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace ghostcam {

/// The input tensor: float32 [1, 3, height, width], RGB planes, value = (pixel - mean) / std.
struct InputSpec {
  std::string name;
  int width = 0;
  int height = 0;
  std::array<float, 3> mean{};
  std::array<float, 3> std{};
  /// Pixel value, 0..255, of what the letterboxed picture leaves free.
  float pad = 0;
};

/// One scale of a DFL head: `box` [1, 4 * reg_max, H, W] and `cls` [1, classes, H, W], logits, H = height /
/// stride.
struct DflLevel {
  int stride = 0;
  std::string box;
  std::string cls;
};

struct ModelSpec {
  InputSpec input;
  int classes = 0;
  /// DFL head: bins per side and the levels. Empty levels: a decoded head.
  int reg_max = 0;
  std::vector<DflLevel> levels;
  /// Decoded head: [1, 4 + classes, anchors], rows cx, cy, w, h in input pixels, then scores 0..1.
  std::string decoded_output;
};

}  // namespace ghostcam

#pragma once

#include <vector>

namespace ghostcam {

/// Weights of a separable resampling along one axis: output i is the sum over k < taps of
/// weights[i * taps + k] * input[first[i] + k].
struct Axis {
  int taps = 0;
  std::vector<int> first;
  std::vector<float> weights;
};

/// A triangle filter with half-pixel centres. Its support is one input pixel each side when enlarging
/// (bilinear), and grows with the ratio when shrinking (antialiased), as in Pillow's BILINEAR. Near the
/// border the weights are renormalised. `ratio`: input pixels per output pixel; at 1 the result has one tap
/// of weight 1.
Axis MakeAxis(int input_size, int output_size, double ratio);

}  // namespace ghostcam

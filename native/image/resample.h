// Filter weights for resampling along one axis.
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

/// The weights of a triangle filter with half-pixel centres, as in Pillow's BILINEAR: its support is one
/// input pixel to each side when enlarging, and `ratio` pixels when shrinking, which antialiases. Near the
/// border the weights are renormalised. `ratio` is the number of input pixels per output pixel, input_size /
/// output_size or near it; at 1 there is one tap of weight 1. Sizes are at least 1.
Axis MakeAxis(int input_size, int output_size, double ratio);

}  // namespace ghostcam

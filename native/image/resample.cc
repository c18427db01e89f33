// Filter weights for resampling along one axis.
#include "image/resample.h"

#include <algorithm>
#include <cmath>

namespace ghostcam {

Axis MakeAxis(int input_size, int output_size, double ratio) {
  const double support = std::max(1.0, ratio);
  // The pixels whose centres lie inside the support, between center - support and center + support.
  auto first_inside = [&](double center) { return static_cast<int>(std::floor(center - support + 0.5)); };
  auto past_inside = [&](double center) { return static_cast<int>(std::ceil(center + support - 0.5)); };

  Axis axis;
  axis.taps = 1;
  for (int i = 0; i < output_size; i++) {
    double center = (i + 0.5) * ratio;
    int count = std::min(past_inside(center), input_size) - std::max(first_inside(center), 0);
    axis.taps = std::max(axis.taps, std::min(count, input_size));
  }
  for (int i = 0; i < output_size; i++) {
    double center = (i + 0.5) * ratio;
    // All outputs have the same number of taps; those outside the support get weight 0.
    int first = std::clamp(first_inside(center), 0, input_size - axis.taps);
    std::vector<double> weights(axis.taps);
    double sum = 0;
    for (int k = 0; k < axis.taps; k++) {
      weights[k] = std::max(0.0, 1 - std::abs(first + k + 0.5 - center) / support);
      sum += weights[k];
    }
    axis.first.push_back(first);
    for (double weight : weights) axis.weights.push_back(static_cast<float>(weight / sum));
  }
  return axis;
}

}  // namespace ghostcam

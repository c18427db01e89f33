#include "resample.h"

#include <algorithm>
#include <cmath>

namespace ghostcam {

Axis MakeAxis(int input_size, int output_size, double ratio) {
  double support = std::max(1.0, ratio);
  Axis axis;
  axis.taps = ratio == 1.0 ? 1 : std::min(input_size, static_cast<int>(std::ceil(support)) * 2 + 1);
  axis.first.resize(output_size);
  axis.weights.assign(static_cast<size_t>(output_size) * axis.taps, 0.0f);
  std::vector<double> weights(axis.taps);
  for (int i = 0; i < output_size; i++) {
    double center = (i + 0.5) * ratio;
    int first = static_cast<int>(std::floor(center - support + 0.5));
    first = std::clamp(first, 0, input_size - axis.taps);
    double sum = 0;
    for (int k = 0; k < axis.taps; k++) {
      weights[k] = std::max(0.0, 1 - std::abs(first + k + 0.5 - center) / support);
      sum += weights[k];
    }
    axis.first[i] = first;
    for (int k = 0; k < axis.taps; k++) {
      axis.weights[static_cast<size_t>(i) * axis.taps + k] = static_cast<float>(weights[k] / sum);
    }
  }
  return axis;
}

}  // namespace ghostcam

// What the model's manifest says, as plain values.
#pragma once

#include <string>
#include <vector>

#include "image/input_spec.h"

namespace ghostcam {

/// The names of the outputs of one scale of a DFL head: `box` [1, 4 * reg_max, H, W] and `cls` [1, classes,
/// H, W], both logits, with H = input height / stride and W = input width / stride.
struct DflLevel {
  int stride = 0;
  std::string box;
  std::string cls;
};

/// A model's input and its head, which is of one of two kinds.
struct ModelSpec {
  InputSpec input;
  int classes = 0;
  /// DFL head: bins of each side's distribution, and the levels. Without levels the head is a decoded one.
  int reg_max = 0;
  std::vector<DflLevel> levels;
  /// Decoded head: the name of the output, [1, 4 + classes, anchors], rows cx, cy, w, h in input pixels, then
  /// scores 0..1.
  std::string decoded_output;
};

/// Throws Error("MODEL") for numbers that the detector cannot compute with: sizes, counts and strides below 1
/// or so large that a product of them overflows. src/model/manifest-schema.ts has the stricter limits that
/// users are told.
void CheckModelSpec(const ModelSpec& spec);

}  // namespace ghostcam

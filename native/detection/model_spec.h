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

/// The layouts of a head's outputs, see Decoder.
enum class HeadKind {
  /// Two outputs for each level.
  kDfl,
  /// One output [1, 4 + classes, anchors].
  kDecoded,
  /// One output [1, anchors, 5 + classes].
  kObjectness,
  /// One output [1, rows, 6].
  kEndToEnd,
};

/// A model's input and its head.
struct ModelSpec {
  InputSpec input;
  /// The names of the model's symbolic dimensions that the input's width and height are sizes of; empty where
  /// the model has them fixed.
  std::string width_dimension;
  std::string height_dimension;
  int classes = 0;
  HeadKind head = HeadKind::kDfl;
  /// DFL head: bins of each side's distribution, and the levels, at least one.
  int reg_max = 0;
  std::vector<DflLevel> levels;
  /// The other heads: the name of the output.
  std::string output;
};

/// Throws Error("MODEL") for numbers that the detector cannot compute with: sizes, counts and strides below 1
/// or so large that a product of them overflows. src/model/manifest-schema.ts has the stricter limits that
/// the message says.
void CheckModelSpec(const ModelSpec& spec);

}  // namespace ghostcam

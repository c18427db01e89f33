// From a head's raw output to candidate boxes in input pixels.
#pragma once

#include <vector>

#include "nms.h"

namespace ghostcam {

/// One level of a DFL head (Generalized Focal Loss, arXiv 2006.04388), batch of one, planes of height * width
/// logits.
struct DflView {
  const float* box;  // [4 * reg_max][height][width]: left, top, right, bottom, each reg_max bins
  const float* cls;  // [classes][height][width]
  int width;
  int height;
  int stride;
  int first_anchor;
};

/// Appends the boxes of the anchors whose best class is above that class's threshold (score in 0..1,
/// exclusive). Scratch memory is kept between calls.
class Decoder {
 public:
  Decoder(int classes, int reg_max) : classes_(classes), reg_max_(reg_max) {}

  void Dfl(const DflView& level, const std::vector<float>& thresholds, std::vector<Box>& out);
  /// `output`: [4 + classes][anchors], rows cx, cy, w, h, then scores.
  void Decoded(const float* output, int anchors, const std::vector<float>& thresholds, std::vector<Box>& out);

 private:
  struct Hit {
    int anchor;
    int class_id;
    float value;
  };
  void FindHits(const float* planes, int anchors, const std::vector<float>& limits);

  int classes_;
  int reg_max_;
  std::vector<float> best_;
  std::vector<float> limits_;
  std::vector<Hit> hits_;
};

}  // namespace ghostcam

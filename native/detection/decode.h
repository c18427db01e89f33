// Decoding of a head's output into candidate boxes.
#pragma once

#include <vector>

#include "detection/nms.h"

namespace ghostcam {

/// The output of one level of a DFL head (Generalized Focal Loss, arXiv 2006.04388), batch of one: planes of
/// height * width logits.
struct DflView {
  const float* box;  // [4 * reg_max][height][width]: left, top, right, bottom, each reg_max bins
  const float* cls;  // [classes][height][width]
  int width;
  int height;
  int stride;        // input pixels per cell
  int first_anchor;  // cells of the levels before
};

/// Decodes one frame's outputs. An anchor gives a box of its best class when that score is above the class's
/// threshold (0..1, exclusive); boxes are in input pixels, and those that are empty or not finite are left
/// out. Scratch memory is kept between calls, so an object is used by one thread at a time.
class Decoder {
 public:
  /// `classes` is at least 1; `reg_max` is that of a DFL head.
  Decoder(int classes, int reg_max) : classes_(classes), reg_max_(reg_max) {}

  /// Appends the boxes of a level. `thresholds` has one for each class.
  void Dfl(const DflView& level, const std::vector<float>& thresholds, std::vector<Box>& out);
  /// Appends the boxes of a decoded head. `output` is [4 + classes][anchors]: rows cx, cy, w, h in input
  /// pixels, then scores.
  void Decoded(const float* output, int anchors, const std::vector<float>& thresholds, std::vector<Box>& out);
  /// Appends the boxes of a head with objectness (YOLOv3, YOLOv5, YOLOv7). `output` is
  /// [anchors][5 + classes]: cx, cy, w, h in input pixels, objectness, then scores of the classes. A box's
  /// score is the product of objectness and its best class's score.
  void Objectness(const float* output, int anchors, const std::vector<float>& thresholds,
                  std::vector<Box>& out);
  /// Appends the boxes of an end-to-end head (YOLOv10, arXiv 2405.14458), which are the model's final ones.
  /// `output` is [rows][6]: x1, y1, x2, y2 in input pixels, score, class. Rows whose class is not one of the
  /// model's are left out.
  void EndToEnd(const float* output, int rows, const std::vector<float>& thresholds, std::vector<Box>& out);

 private:
  struct Hit {
    int anchor;
    int class_id;
    float value;
  };
  /// Collects the anchors whose best class is above its limit. `planes` is [classes][anchors].
  void FindHits(const float* planes, int anchors, const std::vector<float>& limits);

  int classes_;
  int reg_max_;
  std::vector<float> best_;
  std::vector<float> limits_;
  std::vector<Hit> hits_;
};

}  // namespace ghostcam

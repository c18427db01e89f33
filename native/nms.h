#pragma once

#include <cstddef>
#include <vector>

namespace ghostcam {

/// A box in the model's input pixels (x1, y1, x2, y2), or, once mapped back, in the source's.
struct Box {
  float x1, y1, x2, y2;
  float score;
  int class_id;
  /// Index of the anchor, which makes the order of equal scores the same everywhere.
  int anchor;
};

/// More candidates than this are not looked at: the best by score are. Bounds the time of a frame full of
/// noise.
constexpr size_t kMaxCandidates = 30000;

/// Greedy, class-aware non-maximum suppression: best score first, a box goes when its IoU with a kept box of
/// its class is above `iou`. Leaves at most `max_detections`, sorted by score.
void Nms(std::vector<Box>& boxes, float iou, int max_detections);

}  // namespace ghostcam

// Boxes, and their non-maximum suppression.
#pragma once

#include <cstddef>
#include <vector>

namespace ghostcam {

/// A detected object, with its left, top, right and bottom edge in pixels of the model's input or, once
/// mapped back, of the source.
struct Box {
  float x1, y1, x2, y2;
  float score;  // 0..1
  int class_id;
  /// Index of the anchor that it comes from, which orders boxes of equal score.
  int anchor;
};

/// Candidates that suppression considers, the best by score. It bounds the time of a frame full of noise.
constexpr size_t kMaxCandidates = 30000;

/// The most boxes that suppression leaves. With kMaxCandidates it bounds the comparisons.
constexpr int kMaxDetections = 10000;

/// Greedy, class-aware non-maximum suppression: in order of score, a box is removed when its IoU with a kept
/// box of its class is above `iou`, 0..1. Leaves at most `max_detections` and at most kMaxDetections boxes,
/// best score first. Scores must not be NaN.
void Nms(std::vector<Box>& boxes, float iou, int max_detections);

}  // namespace ghostcam

// Greedy, class-aware non-maximum suppression.
#include "detection/nms.h"

#include <algorithm>

namespace ghostcam {
namespace {

float Area(const Box& box) { return (box.x2 - box.x1) * (box.y2 - box.y1); }

float Iou(const Box& a, const Box& b) {
  float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  if (!(width > 0 && height > 0)) return 0;
  float intersection = width * height;
  return intersection / (Area(a) + Area(b) - intersection);
}

bool Better(const Box& a, const Box& b) {
  return a.score != b.score ? a.score > b.score : a.anchor < b.anchor;
}

}  // namespace

void Nms(std::vector<Box>& boxes, float iou, int max_detections) {
  if (boxes.size() > kMaxCandidates) {
    std::nth_element(boxes.begin(), boxes.begin() + kMaxCandidates, boxes.end(), Better);
    boxes.resize(kMaxCandidates);
  }
  std::sort(boxes.begin(), boxes.end(), Better);
  // Kept boxes are moved to the front of the vector, so kept <= i.
  size_t kept = 0;
  size_t limit = static_cast<size_t>(std::clamp(max_detections, 0, kMaxDetections));
  for (size_t i = 0; i < boxes.size() && kept < limit; i++) {
    const Box candidate = boxes[i];
    bool suppressed = std::any_of(boxes.begin(), boxes.begin() + kept, [&](const Box& other) {
      return other.class_id == candidate.class_id && Iou(other, candidate) > iou;
    });
    if (!suppressed) boxes[kept++] = candidate;
  }
  boxes.resize(kept);
}

}  // namespace ghostcam

// Decoding of a head's output into candidate boxes.
#include "detection/decode.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ghostcam {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The inverse of Sigmoid(): logits are compared with the logit of a threshold, which saves an exponential
/// for each.
float Logit(float score) {
  if (score <= 0) return -kInfinity;
  if (score >= 1) return kInfinity;
  return std::log(score / (1 - score));
}

float Sigmoid(float logit) { return 1 / (1 + std::exp(-logit)); }

/// The mean of the distribution whose logits are `bins` floats, `step` floats apart: a side's distance in
/// strides.
float Expectation(const float* logits, int bins, int step) {
  float top = -kInfinity;
  for (int i = 0; i < bins; i++) top = std::max(top, logits[i * step]);
  float sum = 0, weighted = 0;
  for (int i = 0; i < bins; i++) {
    float weight = std::exp(logits[i * step] - top);
    sum += weight;
    weighted += weight * static_cast<float>(i);
  }
  return weighted / sum;
}

/// Whether a box is finite and not empty. A broken model can output NaN, for which each comparison is false.
bool IsUsable(const Box& box) {
  return box.x2 > box.x1 && box.y2 > box.y1 && std::isfinite(box.x2 - box.x1) &&
         std::isfinite(box.y2 - box.y1) && std::isfinite(box.score);
}

}  // namespace

void Decoder::FindHits(const float* planes, int anchors, const std::vector<float>& limits) {
  // Nearly every anchor is background. The maximum over the classes is computed plane by plane, which the
  // compiler vectorises over anchors, and only anchors above the lowest limit are examined one by one.
  best_.assign(anchors, -kInfinity);
  float* best = best_.data();
  for (int c = 0; c < classes_; c++) {
    const float* plane = planes + static_cast<size_t>(c) * anchors;
    for (int i = 0; i < anchors; i++) best[i] = plane[i] > best[i] ? plane[i] : best[i];
  }
  float lowest = *std::min_element(limits.begin(), limits.end());
  hits_.clear();
  for (int i = 0; i < anchors; i++) {
    if (!(best[i] > lowest)) continue;
    int c = 0;
    while (planes[static_cast<size_t>(c) * anchors + i] != best[i]) c++;
    if (best[i] > limits[c]) hits_.push_back({i, c, best[i]});
  }
}

void Decoder::Dfl(const DflView& level, const std::vector<float>& thresholds, std::vector<Box>& out) {
  int anchors = level.width * level.height;
  limits_.resize(thresholds.size());
  std::transform(thresholds.begin(), thresholds.end(), limits_.begin(), Logit);
  FindHits(level.cls, anchors, limits_);
  float stride = static_cast<float>(level.stride);
  for (const Hit& hit : hits_) {
    float side[4];
    for (int s = 0; s < 4; s++) {
      side[s] = Expectation(level.box + static_cast<size_t>(s) * reg_max_ * anchors + hit.anchor, reg_max_,
                            anchors);
    }
    float x = static_cast<float>(hit.anchor % level.width) + 0.5f;
    float y = static_cast<float>(hit.anchor / level.width) + 0.5f;
    Box box{(x - side[0]) * stride,         (y - side[1]) * stride, (x + side[2]) * stride,
            (y + side[3]) * stride,         Sigmoid(hit.value),     hit.class_id,
            level.first_anchor + hit.anchor};
    if (IsUsable(box)) out.push_back(box);
  }
}

void Decoder::Decoded(const float* output, int anchors, const std::vector<float>& thresholds,
                      std::vector<Box>& out) {
  FindHits(output + static_cast<size_t>(4) * anchors, anchors, thresholds);
  for (const Hit& hit : hits_) {
    const float* column = output + hit.anchor;
    float cx = column[0], cy = column[anchors];
    float half_width = column[static_cast<size_t>(2) * anchors] / 2,
          half_height = column[static_cast<size_t>(3) * anchors] / 2;
    Box box{cx - half_width, cy - half_height, cx + half_width, cy + half_height,
            hit.value,       hit.class_id,     hit.anchor};
    if (IsUsable(box)) out.push_back(box);
  }
}

void Decoder::Objectness(const float* output, int anchors, const std::vector<float>& thresholds,
                         std::vector<Box>& out) {
  const float lowest = *std::min_element(thresholds.begin(), thresholds.end());
  for (int i = 0; i < anchors; i++) {
    const float* row = output + static_cast<size_t>(i) * (5 + classes_);
    const float objectness = row[4];
    // A class's score is at most 1, so the objectness alone excludes nearly every anchor.
    if (!(objectness > lowest)) continue;
    const float* scores = row + 5;
    const int class_id = static_cast<int>(std::max_element(scores, scores + classes_) - scores);
    const float score = objectness * scores[class_id];
    if (!(score > thresholds[class_id])) continue;
    const float half_width = row[2] / 2, half_height = row[3] / 2;
    Box box{row[0] - half_width,
            row[1] - half_height,
            row[0] + half_width,
            row[1] + half_height,
            score,
            class_id,
            i};
    if (IsUsable(box)) out.push_back(box);
  }
}

void Decoder::EndToEnd(const float* output, int rows, const std::vector<float>& thresholds,
                       std::vector<Box>& out) {
  for (int i = 0; i < rows; i++) {
    const float* row = output + static_cast<size_t>(i) * 6;
    // False for NaN too, whose conversion to int is undefined.
    if (!(row[5] >= 0 && row[5] < static_cast<float>(classes_))) continue;
    const int class_id = static_cast<int>(row[5]);
    if (!(row[4] > thresholds[class_id])) continue;
    Box box{row[0], row[1], row[2], row[3], row[4], class_id, i};
    if (IsUsable(box)) out.push_back(box);
  }
}

}  // namespace ghostcam

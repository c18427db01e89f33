#include "detection/nms.h"

#include <gtest/gtest.h>

#include <limits>

namespace ghostcam {
namespace {

Box At(float x, float score, int class_id = 0, int anchor = 0) {
  return {x, 0, x + 10, 10, score, class_id, anchor};
}

TEST(Nms, KeepsTheBestOfOverlappingBoxesOfAClass) {
  std::vector<Box> boxes{At(1, 0.5f), At(0, 0.9f), At(100, 0.7f)};
  Nms(boxes, 0.6f, 10);
  ASSERT_EQ(boxes.size(), 2u);
  EXPECT_FLOAT_EQ(boxes[0].score, 0.9f);
  EXPECT_FLOAT_EQ(boxes[1].score, 0.7f);
}

TEST(Nms, LeavesOtherClassesAlone) {
  std::vector<Box> boxes{At(0, 0.9f, 0), At(0, 0.8f, 1)};
  Nms(boxes, 0.6f, 10);
  EXPECT_EQ(boxes.size(), 2u);
}

TEST(Nms, TheLimitOfOverlapIsExclusive) {
  // Shifted by 5 of 10: intersection 50, union 150.
  std::vector<Box> boxes{At(0, 0.9f), At(5, 0.8f)};
  Nms(boxes, 1.0f / 3 + 1e-6f, 10);
  EXPECT_EQ(boxes.size(), 2u);
  Nms(boxes, 0.33f, 10);
  EXPECT_EQ(boxes.size(), 1u);
}

TEST(Nms, EqualScoresComeInTheOrderOfTheirAnchors) {
  std::vector<Box> boxes{At(50, 0.5f, 0, 7), At(0, 0.5f, 0, 3)};
  Nms(boxes, 0.6f, 10);
  EXPECT_EQ(boxes[0].anchor, 3);
}

TEST(Nms, IsBoundedInDetectionsAndCandidates) {
  std::vector<Box> boxes;
  for (size_t i = 0; i < 2 * kMaxCandidates; i++)
    boxes.push_back(At(20.0f * i, i / 1e5f, 0, static_cast<int>(i)));
  Nms(boxes, 0.6f, 300);
  ASSERT_EQ(boxes.size(), 300u);
  EXPECT_EQ(boxes[0].anchor, static_cast<int>(2 * kMaxCandidates - 1));
  Nms(boxes, 0.6f, 0);
  EXPECT_TRUE(boxes.empty());
}

TEST(Nms, IsBoundedWhateverLimitIsAskedFor) {
  std::vector<Box> boxes;
  for (size_t i = 0; i < kMaxCandidates; i++) {
    boxes.push_back(At(20.0f * i, 0.5f, static_cast<int>(i % 80), static_cast<int>(i)));
  }
  Nms(boxes, 0.6f, std::numeric_limits<int>::max());
  EXPECT_EQ(boxes.size(), static_cast<size_t>(kMaxDetections));
}

}  // namespace
}  // namespace ghostcam

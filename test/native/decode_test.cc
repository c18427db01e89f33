#include "detection/decode.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ghostcam {
namespace {

constexpr int kRegMax = 4, kWidth = 3, kHeight = 2, kAnchors = kWidth * kHeight, kClasses = 2;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

/// A head that sees nothing, for tests to plant logits in.
struct Head {
  std::vector<float> box = std::vector<float>(4 * kRegMax * kAnchors, 0);
  std::vector<float> cls = std::vector<float>(kClasses * kAnchors, -10);

  /// All of side's mass on one bin.
  void SetSide(int anchor, int side, int bin) { box[(side * kRegMax + bin) * kAnchors + anchor] = 100; }
  std::vector<Box> Decode(std::vector<float> thresholds) {
    std::vector<Box> boxes;
    Decoder(kClasses, kRegMax).Dfl({box.data(), cls.data(), kWidth, kHeight, 8, 100}, thresholds, boxes);
    return boxes;
  }
};

TEST(Dfl, DecodesTheAnchorAboveTheThreshold) {
  Head head;
  head.cls[1 * kAnchors + 4] = 2;  // class 1, row 1, column 1
  for (int side = 0; side < 4; side++) head.SetSide(4, side, side);
  auto boxes = head.Decode({0.3f, 0.3f});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(boxes[0].class_id, 1);
  EXPECT_EQ(boxes[0].anchor, 104);
  EXPECT_NEAR(boxes[0].score, 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_NEAR(boxes[0].x1, 8 * (1.5 - 0), 1e-4);
  EXPECT_NEAR(boxes[0].y1, 8 * (1.5 - 1), 1e-4);
  EXPECT_NEAR(boxes[0].x2, 8 * (1.5 + 2), 1e-4);
  EXPECT_NEAR(boxes[0].y2, 8 * (1.5 + 3), 1e-4);
}

TEST(Dfl, TakesTheExpectationOverTheBins) {
  Head head;
  head.cls[0] = 2;  // all bins equal: (0 + 1 + 2 + 3) / 4 each side
  auto boxes = head.Decode({0.3f, 0.3f});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_NEAR(boxes[0].x2 - boxes[0].x1, 8 * 3.0, 1e-4);
}

TEST(Dfl, GivesAnAnchorToItsBestClassOnly) {
  Head head;
  head.cls[0 * kAnchors + 2] = 1;
  head.cls[1 * kAnchors + 2] = 3;
  EXPECT_EQ(head.Decode({0.3f, 0.3f}).size(), 1u);
  // The best class is not wanted: the second best does not take its place.
  EXPECT_TRUE(head.Decode({0.3f, 2.0f}).empty());
}

TEST(Dfl, TheThresholdIsExclusiveAndPerClass) {
  Head head;
  head.cls[0] = 0;  // score 0.5
  EXPECT_TRUE(head.Decode({0.5f, 0.1f}).empty());
  EXPECT_EQ(head.Decode({0.49f, 0.9f}).size(), 1u);
  EXPECT_EQ(head.Decode({0.0f, 0.0f}).size(), static_cast<size_t>(kAnchors));
  EXPECT_TRUE(head.Decode({1.0f, 1.0f}).empty());
}

TEST(Dfl, DropsWhatIsNotANumber) {
  Head head;
  head.cls[0] = kNan;
  head.cls[1] = 5;
  head.box[1] = kNan;
  head.cls[2] = 5;
  head.box[2] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(head.Decode({0.3f, 0.3f}).empty());
}

TEST(Decoded, DropsAScoreThatIsNotANumber) {
  for (float score : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    std::vector<float> output{50, 40, 20, 10, score, 0.9f};
    std::vector<Box> boxes;
    Decoder(2, 0).Decoded(output.data(), 1, {0.3f, 0.95f}, boxes);
    EXPECT_TRUE(boxes.empty()) << score;
  }
}

TEST(Decoded, ReadsCentreSizeAndScores) {
  constexpr int kCount = 3;
  std::vector<float> output((4 + kClasses) * kCount, 0);
  const float column[] = {50, 40, 20, 10, 0.2f, 0.9f};
  for (int row = 0; row < 6; row++) output[row * kCount + 1] = column[row];
  std::vector<Box> boxes;
  Decoder(kClasses, 0).Decoded(output.data(), kCount, {0.3f, 0.3f}, boxes);
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_FLOAT_EQ(boxes[0].x1, 40);
  EXPECT_FLOAT_EQ(boxes[0].y1, 35);
  EXPECT_FLOAT_EQ(boxes[0].x2, 60);
  EXPECT_FLOAT_EQ(boxes[0].y2, 45);
  EXPECT_FLOAT_EQ(boxes[0].score, 0.9f);
  EXPECT_EQ(boxes[0].class_id, 1);
}

std::vector<Box> Objectness(const std::vector<float>& rows, std::vector<float> thresholds) {
  std::vector<Box> boxes;
  const int anchors = static_cast<int>(rows.size()) / (5 + kClasses);
  Decoder(kClasses, 0).Objectness(rows.data(), anchors, thresholds, boxes);
  return boxes;
}

TEST(Objectness, ReadsCentreSizeAndTheProductOfScores) {
  auto boxes = Objectness({0, 0, 0, 0, 0, 0, 0, 50, 40, 20, 10, 0.8f, 0.2f, 0.5f}, {0.3f, 0.3f});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_FLOAT_EQ(boxes[0].x1, 40);
  EXPECT_FLOAT_EQ(boxes[0].y1, 35);
  EXPECT_FLOAT_EQ(boxes[0].x2, 60);
  EXPECT_FLOAT_EQ(boxes[0].y2, 45);
  EXPECT_FLOAT_EQ(boxes[0].score, 0.4f);
  EXPECT_EQ(boxes[0].class_id, 1);
  EXPECT_EQ(boxes[0].anchor, 1);
}

TEST(Objectness, TheThresholdIsExclusivePerClassAndOfTheProduct) {
  const std::vector<float> row = {50, 40, 20, 10, 0.5f, 0.25f, 1};
  EXPECT_TRUE(Objectness(row, {0.1f, 0.5f}).empty());
  EXPECT_EQ(Objectness(row, {0.9f, 0.49f}).size(), 1u);
  EXPECT_TRUE(Objectness({50, 40, 20, 10, 0.5f, 0, 0.5f}, {0.3f, 0.3f}).empty());
}

TEST(Objectness, DropsWhatIsNotANumber) {
  EXPECT_TRUE(Objectness({50, 40, 20, 10, kNan, 1, 1}, {0.3f, 0.3f}).empty());
  EXPECT_TRUE(Objectness({50, 40, 20, 10, 1, kNan, kNan}, {0.3f, 0.3f}).empty());
  EXPECT_TRUE(Objectness({kNan, 40, 20, 10, 1, 1, 1}, {0.3f, 0.3f}).empty());
  EXPECT_TRUE(Objectness({50, 40, kInf, 10, 1, 1, 1}, {0.3f, 0.3f}).empty());
  EXPECT_TRUE(Objectness({50, 40, -20, 10, 1, 1, 1}, {0.3f, 0.3f}).empty());
}

std::vector<Box> EndToEnd(const std::vector<float>& rows, std::vector<float> thresholds) {
  std::vector<Box> boxes;
  Decoder(kClasses, 0).EndToEnd(rows.data(), static_cast<int>(rows.size()) / 6, thresholds, boxes);
  return boxes;
}

TEST(EndToEnd, ReadsCornersScoreAndClass) {
  auto boxes = EndToEnd({0, 0, 0, 0, 0, 0, 40, 35, 60, 45, 0.9f, 1}, {0.3f, 0.3f});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_FLOAT_EQ(boxes[0].x1, 40);
  EXPECT_FLOAT_EQ(boxes[0].y1, 35);
  EXPECT_FLOAT_EQ(boxes[0].x2, 60);
  EXPECT_FLOAT_EQ(boxes[0].y2, 45);
  EXPECT_FLOAT_EQ(boxes[0].score, 0.9f);
  EXPECT_EQ(boxes[0].class_id, 1);
  EXPECT_EQ(boxes[0].anchor, 1);
}

TEST(EndToEnd, TheThresholdIsExclusiveAndPerClass) {
  const std::vector<float> row = {40, 35, 60, 45, 0.5f, 1};
  EXPECT_TRUE(EndToEnd(row, {0.1f, 0.5f}).empty());
  EXPECT_EQ(EndToEnd(row, {0.9f, 0.49f}).size(), 1u);
}

TEST(EndToEnd, DropsWhatIsNotANumberAndClassesThatTheModelDoesNotHave) {
  for (float wrong : {-1.0f, 2.0f, 1e30f, kNan, kInf, -kInf}) {
    EXPECT_TRUE(EndToEnd({40, 35, 60, 45, 0.9f, wrong}, {0.3f, 0.3f}).empty()) << wrong;
  }
  EXPECT_TRUE(EndToEnd({40, 35, 60, 45, kNan, 1}, {0.3f, 0.3f}).empty());
  EXPECT_TRUE(EndToEnd({kNan, 35, 60, 45, 0.9f, 1}, {0.3f, 0.3f}).empty());
  EXPECT_TRUE(EndToEnd({60, 35, 40, 45, 0.9f, 1}, {0.3f, 0.3f}).empty());
}

}  // namespace
}  // namespace ghostcam

#include "image/motion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ghostcam {
namespace {

/// A noisy grey picture in which things can be put.
class Scene {
 public:
  Scene(int width, int height) : width(width), height(height), luma(static_cast<size_t>(width) * height) {}

  void Draw(int grey, double noise) {
    std::normal_distribution<double> pixel(grey, noise);
    for (uint8_t& value : luma) value = static_cast<uint8_t>(std::clamp(pixel(random_), 0.0, 255.0));
  }
  void Put(int left, int top, int w, int h, uint8_t grey) {
    for (int y = top; y < top + h; y++) {
      std::fill_n(luma.begin() + static_cast<long>(y) * width + left, w, grey);
    }
  }
  double Look(Motion& motion, bool learn = false) const {
    return motion.Update(luma.data(), width, height, 0.2, learn);
  }

  int width, height;
  std::vector<uint8_t> luma;

 private:
  std::mt19937 random_{1};
};

TEST(Motion, NoiseIsNoMotionAndTheFirstFrameIsUnknown) {
  Scene scene(320, 180);
  Motion motion;
  for (int frame = 0; frame < 50; frame++) {
    scene.Draw(100, 6);
    const double share = scene.Look(motion);
    if (frame == 0) {
      EXPECT_EQ(share, Motion::kUnknown);
    } else {
      EXPECT_EQ(share, 0) << frame;
    }
  }
}

TEST(Motion, ChangedCellsAreThoseOfTheObjectInRunsAndNoneWithoutABackground) {
  Scene scene(320, 180);
  Motion motion;
  scene.Draw(100, 0);
  scene.Look(motion);
  EXPECT_TRUE(motion.ChangedCells().runs.empty());
  scene.Put(40, 80, 80, 8, 250);
  scene.Look(motion);
  const Motion::Cells cells = motion.ChangedCells();
  EXPECT_EQ(cells.side, 4);
  EXPECT_EQ(cells.columns, 80);
  EXPECT_EQ(cells.runs, (std::vector<int>{20 * 80 + 10, 20, 21 * 80 + 10, 20}));
  std::vector<uint8_t> mask(static_cast<size_t>(Motion::kMaskSide) * Motion::kMaskSide, 1);
  motion.SetMask(mask);
  scene.Look(motion);
  EXPECT_TRUE(motion.ChangedCells().runs.empty());
}

TEST(Motion, TellsTheShareThatAnObjectCovers) {
  Scene scene(320, 180);
  Motion motion;
  for (int frame = 0; frame < 10; frame++) {
    scene.Draw(100, 3);
    scene.Look(motion);
  }
  scene.Draw(100, 3);
  scene.Put(40, 40, 16, 32, 160);
  EXPECT_NEAR(scene.Look(motion), 16.0 * 32 / (320 * 180), 1e-9);
}

TEST(Motion, BrightnessOfTheWholePictureIsNoMotionButAnObjectInItIs) {
  Scene scene(320, 180);
  Motion motion;
  scene.Draw(100, 2);
  scene.Look(motion);
  scene.Draw(130, 2);
  EXPECT_EQ(scene.Look(motion), 0);
  scene.Draw(90, 2);
  scene.Put(40, 40, 16, 32, 60);
  EXPECT_NEAR(scene.Look(motion), 16.0 * 32 / (320 * 180), 1e-9);
}

TEST(Motion, WhatStaysBecomesBackground) {
  Scene scene(320, 180);
  Motion motion;
  scene.Draw(100, 2);
  scene.Look(motion);
  double share = 1;
  for (int frame = 0; frame < 100; frame++) {
    scene.Draw(100, 2);
    scene.Put(40, 40, 16, 32, 160);
    share = scene.Look(motion);
    if (frame == 0) {
      EXPECT_GT(share, 0);
    }
  }
  EXPECT_EQ(share, 0);
}

TEST(Motion, WhatFlickersIsIgnoredOnceItWasLearnt) {
  Scene scene(320, 180);
  Motion learning, watching;
  int learnt = 0, watched = 0;
  for (int frame = 0; frame < 500; frame++) {
    scene.Draw(100, 2);
    if (frame % 2) scene.Put(40, 40, 16, 16, 140);
    const bool late = frame >= 400;
    learnt += scene.Look(learning, true) > 0 && late;
    watched += scene.Look(watching) > 0 && late;
  }
  EXPECT_EQ(learnt, 0);
  EXPECT_GT(watched, 40);
  // Somebody in the same place is still seen.
  scene.Put(40, 40, 16, 16, 180);
  EXPECT_GT(scene.Look(learning, true), 0);
}

TEST(Motion, AnotherPictureCountsOnce) {
  Scene scene(320, 180);
  Motion motion;
  scene.Draw(100, 2);
  scene.Look(motion);
  for (int y = 0; y < 180; y += 20) scene.Put(0, y, 320, 10, 200), scene.Put(0, y + 10, 320, 10, 30);
  EXPECT_GE(scene.Look(motion), 0.5);
  EXPECT_EQ(scene.Look(motion), 0);
}

TEST(Motion, TellsWhereAsBoxesTheStrongestFirst) {
  Scene scene(320, 180);
  Motion motion;
  scene.Draw(100, 2);
  scene.Look(motion);
  EXPECT_TRUE(motion.Boxes().empty());
  scene.Draw(100, 2);
  scene.Put(40, 40, 8, 8, 130);  // faint
  scene.Put(200, 100, 12, 40, 200);
  scene.Put(212, 140, 8, 8, 200);  // joined at a corner
  scene.Look(motion);
  const std::vector<MotionBox> boxes = motion.Boxes();
  ASSERT_EQ(boxes.size(), 2u);
  EXPECT_EQ(boxes[0].x1, 200);
  EXPECT_EQ(boxes[0].y1, 100);
  EXPECT_EQ(boxes[0].x2, 220);
  EXPECT_EQ(boxes[0].y2, 148);
  EXPECT_EQ(boxes[1].x1, 40);
  EXPECT_EQ(boxes[1].y2, 48);
  // 34 cells that differ by 100 grey levels, 4 by 30.
  EXPECT_NEAR(boxes[0].strength / boxes[1].strength, 34 * 100.0 / (4 * 30), 6);
}

TEST(Motion, WhatIsJoinedFurtherDownIsOneGroup) {
  Scene scene(320, 180);
  Motion motion;
  scene.Draw(100, 2);
  scene.Look(motion);
  scene.Draw(100, 2);
  // A fork with three prongs, a frame around something, and a bar beside the fork that touches nothing.
  for (int left : {40, 80, 120}) scene.Put(left, 20, 8, 60, 200);
  scene.Put(40, 80, 88, 8, 200);
  scene.Put(200, 20, 60, 60, 200), scene.Put(208, 28, 44, 44, 100), scene.Put(224, 44, 12, 12, 160);
  scene.Put(136, 20, 8, 60, 200);
  scene.Look(motion);
  std::vector<std::vector<int>> found;
  for (const MotionBox& box : motion.Boxes()) found.push_back({box.x1, box.y1, box.x2, box.y2});
  EXPECT_EQ(found, (std::vector<std::vector<int>>{
                       {40, 20, 128, 88}, {200, 20, 260, 80}, {136, 20, 144, 80}, {224, 44, 236, 56}}));
}

TEST(Motion, WhatIsMaskedOrAloneIsInNoBox) {
  Scene scene(320, 180);
  Motion motion;
  std::vector<uint8_t> mask(static_cast<size_t>(Motion::kMaskSide) * Motion::kMaskSide, 0);
  std::fill(mask.begin(), mask.begin() + mask.size() / 2, 1);
  motion.SetMask(mask);
  scene.Draw(100, 2);
  scene.Look(motion);
  scene.Draw(100, 2);
  scene.Put(40, 40, 16, 16, 200);
  scene.Put(100, 120, 4, 4, 200);
  EXPECT_EQ(scene.Look(motion), 0);
  EXPECT_TRUE(motion.Boxes().empty());
}

TEST(Motion, ManyBoxesAreTheStrongestOnes) {
  Scene scene(320, 320);
  Motion motion;
  scene.Draw(100, 1);
  scene.Look(motion);
  scene.Draw(100, 1);
  for (int i = 0; i < 100; i++) scene.Put(i % 10 * 32, i / 10 * 32, 8, 8, static_cast<uint8_t>(130 + i));
  scene.Look(motion);
  ASSERT_EQ(motion.Boxes().size(), Motion::kMaxBoxes);
  const std::vector<MotionBox>& boxes = motion.Boxes();
  for (size_t i = 1; i < boxes.size(); i++) EXPECT_GE(boxes[i - 1].strength, boxes[i].strength);
}

TEST(Motion, EverySizeAndEveryChangeOfSize) {
  Motion motion;
  for (int width : {1, 2, 3, 79, 80, 81, 160, 161, 641, 16384}) {
    for (int height : {1, 2, 79, 81, 480, 1}) {
      Scene scene(width, height);
      scene.Draw(50, 1);
      EXPECT_EQ(scene.Look(motion), Motion::kUnknown) << width << " x " << height;
      EXPECT_EQ(scene.Look(motion), 0) << width << " x " << height;
    }
  }
}

TEST(Motion, TimeThatStandsStillOrRunsBackDoesNoHarm) {
  Scene scene(32, 32);
  Motion motion;
  scene.Draw(50, 1);
  scene.Look(motion);
  for (double seconds : {0.0, -5.0, 1e9}) {
    EXPECT_EQ(motion.Update(scene.luma.data(), 32, 32, seconds, true), 0) << seconds;
  }
}

}  // namespace
}  // namespace ghostcam

#include "image/draw.h"

#include <gtest/gtest.h>

#include <limits>

namespace ghostcam {
namespace {

constexpr Ink kWhite{255, 255, 255, 1};

/// The red of a black picture after `draw`.
template <typename Draw>
std::vector<int> Reds(int width, int height, Draw draw) {
  std::vector<uint8_t> rgb(3 * static_cast<size_t>(width) * static_cast<size_t>(height));
  draw(Canvas{rgb.data(), width, height});
  std::vector<int> reds;
  for (size_t i = 0; i < rgb.size(); i += 3) reds.push_back(rgb[i]);
  return reds;
}

TEST(Draw, APolygonFillsThePixelsWithinAndPartsOfThoseAtItsEdge) {
  const auto reds = Reds(4, 3, [](const Canvas& canvas) {
    FillPolygon(canvas, {{1, 1}, {3.5f, 1}, {3.5f, 2}, {1, 2}}, kWhite);
  });
  EXPECT_EQ(reds, (std::vector<int>{0, 0, 0, 0, 0, 255, 255, 128, 0, 0, 0, 0}));
}

TEST(Draw, ATriangleCoversHalfOfItsSquare) {
  const auto reds =
      Reds(8, 8, [](const Canvas& canvas) { FillPolygon(canvas, {{0, 0}, {8, 0}, {0, 8}}, kWhite); });
  double sum = 0;
  for (int red : reds) sum += red;
  EXPECT_NEAR(sum / 255, 32, 1);
}

TEST(Draw, WhatIsOutsideIsLeftOut) {
  const auto reds = Reds(2, 2, [](const Canvas& canvas) {
    FillPolygon(canvas, {{-1e9f, -1e9f}, {1e9f, -1e9f}, {1e9f, 1e9f}, {-1e9f, 1e9f}}, kWhite);
    FillPolygon(canvas, {{5, 5}, {9, 5}, {9, 9}}, kWhite);
    FillPolygon(canvas, {{-9, 0}, {-5, 0}, {-5, 2}}, kWhite);
    FillPolygon(canvas, {}, kWhite);
    FillPolygon(canvas, {{1, 1}}, kWhite);
  });
  EXPECT_EQ(reds, (std::vector<int>(4, 255)));
}

TEST(Draw, InkShinesThroughByItsOpacity) {
  const auto reds = Reds(1, 1, [](const Canvas& canvas) {
    FillPolygon(canvas, {{0, 0}, {1, 0}, {1, 1}, {0, 1}}, {200, 0, 0, 0.5f});
  });
  EXPECT_EQ(reds, std::vector<int>{100});
}

TEST(Draw, AMaskIsCutAtEachSide) {
  const std::vector<uint8_t> mask(9, 255);
  for (auto [left, top, expected] : std::vector<std::tuple<int, int, std::vector<int>>>{
           {-2, -2, {255, 0, 0, 0}},
           {1, 1, {0, 0, 0, 255}},
           {-1, -1, {255, 255, 255, 255}},
           {2, 0, {0, 0, 0, 0}},
           {std::numeric_limits<int>::min() / 2, 0, {0, 0, 0, 0}},
           {0, std::numeric_limits<int>::max() / 2, {0, 0, 0, 0}}}) {
    EXPECT_EQ(Reds(2, 2,
                   [&, left = left, top = top](const Canvas& canvas) {
                     DrawMask(canvas, left, top, 3, 3, mask.data(), kWhite);
                   }),
              expected);
  }
}

}  // namespace
}  // namespace ghostcam

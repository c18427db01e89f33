#include "image/planes.h"

#include <gtest/gtest.h>

#include <numeric>

#include "samples.h"

namespace ghostcam {
namespace {

Frame MakeFrame(std::vector<uint8_t>& data, PixelFormat format, int width, int height) {
  data.resize(FrameBytes(format, width, height));
  std::iota(data.begin(), data.end(), static_cast<uint8_t>(0));
  return {data.data(), format, width, height};
}

TEST(Planes, RowsOfEachPlane) {
  std::vector<uint8_t> data;
  const Frame frame = MakeFrame(data, PixelFormat::kYuv420p, 6, 4);
  EXPECT_EQ(RegionSamples(frame, {2, 2, 4, 2}),
            (std::vector<uint8_t>{14, 15, 16, 17, 20, 21, 22, 23, 28, 29, 34, 35}));
}

TEST(Planes, InterleavedColours) {
  std::vector<uint8_t> data;
  const Frame frame = MakeFrame(data, PixelFormat::kRgb24, 4, 3);
  EXPECT_EQ(RegionSamples(frame, {2, 2, 1, 1}), (std::vector<uint8_t>{30, 31, 32}));
}

TEST(Planes, TheWholeFrameAndOddEdges) {
  for (PixelFormat format : {PixelFormat::kYuv420p, PixelFormat::kRgb24}) {
    std::vector<uint8_t> data;
    const Frame frame = MakeFrame(data, format, 7, 5);
    EXPECT_EQ(RegionSamples(frame, {0, 0, 7, 5}), data);
  }
  std::vector<uint8_t> data;
  const Frame frame = MakeFrame(data, PixelFormat::kYuv420p, 7, 5);
  EXPECT_EQ(RegionSamples(frame, {4, 4, 3, 1}), (std::vector<uint8_t>{32, 33, 34, 45, 46, 57, 58}));
}

TEST(Planes, RegionsThatSplitASampleOfChromaAreKnown) {
  const Frame frame{nullptr, PixelFormat::kYuv420p, 641, 361};
  const Region aligned[] = {{0, 0, 641, 361}, {640, 360, 1, 1}, {2, 4, 100, 50}, {2, 0, 639, 361}};
  for (const Region& region : aligned) EXPECT_TRUE(IsAligned(region, frame)) << region.left;
  const Region others[] = {{1, 0, 2, 2}, {0, 1, 2, 2}, {0, 0, 3, 2}, {0, 0, 2, 3}, {2, 0, 637, 360}};
  for (const Region& region : others) EXPECT_FALSE(IsAligned(region, frame)) << region.left;
}

}  // namespace
}  // namespace ghostcam

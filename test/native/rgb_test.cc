#include "image/rgb.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace ghostcam {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes Convert(const Frame& frame) {
  Bytes rgb(FrameBytes(PixelFormat::kRgb24, frame.width, frame.height));
  ToRgb(frame, {0, 0, frame.width, frame.height}, rgb.data());
  return rgb;
}

/// One colour, 3 x 3 pixels: odd sides have chroma of their own.
Bytes Flat(uint8_t y, uint8_t cb, uint8_t cr) {
  Bytes data(9, y);
  data.insert(data.end(), 4, cb);
  data.insert(data.end(), 4, cr);
  return data;
}

TEST(Rgb, KnownColours) {
  // BT.601 limited range: white, black and pure red by its formula.
  struct {
    Bytes data;
    bool full, bt709;
    Bytes rgb;
  } cases[] = {
      {Flat(235, 128, 128), false, false, {255, 255, 255}}, {Flat(16, 128, 128), false, false, {0, 0, 0}},
      {Flat(81, 90, 240), false, false, {254, 0, 0}},       {Flat(63, 102, 240), false, true, {255, 1, 0}},
      {Flat(200, 128, 128), true, false, {200, 200, 200}},
  };
  for (const auto& [data, full, bt709, rgb] : cases) {
    const Bytes got = Convert({data.data(), PixelFormat::kYuv420p, 3, 3, full, bt709});
    for (size_t i = 0; i < got.size(); i++) EXPECT_NEAR(got[i], rgb[i % 3], 1) << i;
  }
}

TEST(Rgb, Rgb24StaysAsItIs) {
  Bytes data(5 * 3 * 3);
  for (size_t i = 0; i < data.size(); i++) data[i] = static_cast<uint8_t>(7 * i);
  EXPECT_EQ(Convert({data.data(), PixelFormat::kRgb24, 5, 3}), data);
}

TEST(Rgb, APartIsThePartOfTheWhole) {
  Bytes data(FrameBytes(PixelFormat::kYuv420p, 7, 5));
  for (size_t i = 0; i < data.size(); i++) data[i] = static_cast<uint8_t>(16 + 53 * i % 200);
  const Frame frame{data.data(), PixelFormat::kYuv420p, 7, 5};
  const Bytes whole = Convert(frame);
  const Region part{1, 2, 5, 3};
  Bytes got(3 * 5 * 3);
  ToRgb(frame, part, got.data());
  for (size_t i = 0; i < got.size(); i++) {
    const size_t row = i / 15, column = i % 15;
    EXPECT_EQ(got[i], whole[3 * ((part.top + row) * 7 + part.left) + column]);
  }
}

/// Wider than what is converted at once, from an odd column on.
TEST(Rgb, EveryPixelOfALongRowHasItsOwnLumaAndTheChromaOfItsPair) {
  const int width = 701, height = 3;
  Bytes data(FrameBytes(PixelFormat::kYuv420p, width, height));
  for (size_t i = 0; i < data.size(); i++) data[i] = static_cast<uint8_t>(i * i + 31 * i);
  const Frame frame{data.data(), PixelFormat::kYuv420p, width, height, true, false};
  const Region part{3, 1, 697, 2};
  Bytes got(3 * 697 * 2);
  ToRgb(frame, part, got.data());
  const uint8_t* cb = data.data() + width * height;
  const uint8_t* cr = cb + 351 * 2;
  for (int row = 0; row < part.height; row++) {
    for (int column = 0; column < part.width; column++) {
      const int x = part.left + column, y = part.top + row, chroma = y / 2 * 351 + x / 2;
      const double luma = data[y * width + x], u = cb[chroma] - 128.0, v = cr[chroma] - 128.0;
      const double rgb[] = {luma + 1.402 * v, luma - 0.344136 * u - 0.714136 * v, luma + 1.772 * u};
      for (int c = 0; c < 3; c++) {
        EXPECT_NEAR(got[3 * (row * part.width + column) + c], std::clamp(rgb[c], 0.0, 255.0), 0.51)
            << x << "," << y;
      }
    }
  }
}

}  // namespace
}  // namespace ghostcam

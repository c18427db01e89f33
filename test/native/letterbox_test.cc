// The letterbox against a plain reference in double precision, written from its definition.
#include "image/letterbox.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "samples.h"

namespace ghostcam {
namespace {

using Image = std::vector<std::vector<double>>;  // [y][x]

double Triangle(double distance, double support) { return std::max(0.0, 1 - std::abs(distance) / support); }

/// One output of a triangle filter over `read(0..size - 1)`.
template <typename Read>
double Filtered(int size, int out, double ratio, Read read) {
  double center = (out + 0.5) * ratio, support = std::max(1.0, ratio), sum = 0, weights = 0;
  for (int i = 0; i < size; i++) {
    double weight = Triangle(i + 0.5 - center, support);
    if (weight == 0) continue;
    weights += weight;
    sum += weight * read(i);
  }
  return sum / weights;
}

Image Resized(const Image& in, int width, int height, double x_ratio, double y_ratio) {
  const int in_width = static_cast<int>(in[0].size()), in_height = static_cast<int>(in.size());
  Image rows(height, std::vector<double>(in_width)), out(height, std::vector<double>(width));
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < in_width; x++)
      rows[y][x] = Filtered(in_height, y, y_ratio, [&](int i) { return in[i][x]; });
    for (int x = 0; x < width; x++)
      out[y][x] = Filtered(in_width, x, x_ratio, [&](int i) { return rows[y][i]; });
  }
  return out;
}

Image Samples(const uint8_t* data, int width, int height, int step) {
  Image image(height, std::vector<double>(width));
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) image[y][x] = data[(static_cast<size_t>(y) * width + x) * step];
  }
  return image;
}

std::vector<float> Reference(const Frame& f, const InputSpec& input) {
  const double ratio = std::min(1.0 * input.width / f.width, 1.0 * input.height / f.height);
  const int width = std::max(1, static_cast<int>(f.width * ratio + 0.5));
  const int height = std::max(1, static_cast<int>(f.height * ratio + 0.5));
  const int left = (input.width - width) / 2, top = (input.height - height) / 2;
  const double xr = 1.0 * f.width / width, yr = 1.0 * f.height / height;
  Image planes[3];
  const bool rgb = f.format == PixelFormat::kRgb24;
  const int chroma_width = (f.width + 1) / 2, chroma_height = (f.height + 1) / 2;
  const uint8_t* data = f.data;
  for (int p = 0; p < 3; p++) {
    if (rgb) {
      planes[p] = Resized(Samples(f.data + p, f.width, f.height, 3), width, height, xr, yr);
    } else if (p == 0) {
      planes[p] = Resized(Samples(data, f.width, f.height, 1), width, height, xr, yr);
      data += static_cast<size_t>(f.width) * f.height;
    } else {
      planes[p] = Resized(Samples(data, chroma_width, chroma_height, 1), width, height, xr / 2, yr / 2);
      data += static_cast<size_t>(chroma_width) * chroma_height;
    }
  }
  std::vector<float> tensor(size_t{3} * input.width * input.height);
  for (int c = 0; c < 3; c++) {
    for (int y = 0; y < input.height; y++) {
      for (int x = 0; x < input.width; x++) {
        double value = input.pad;
        if (x >= left && x < left + width && y >= top && y < top + height) {
          double a = planes[0][y - top][x - left], b = planes[1][y - top][x - left],
                 d = planes[2][y - top][x - left];
          if (rgb) {
            value = c == 0 ? a : c == 1 ? b : d;
          } else {
            // The textbook forms of BT.601 and BT.709.
            double luma = f.full_range ? a : (a - 16) * 255 / 219;
            double cb = (b - 128) * (f.full_range ? 1 : 255.0 / 224),
                   cr = (d - 128) * (f.full_range ? 1 : 255.0 / 224);
            const double red = f.bt709 ? 1.5748 : 1.402, blue = f.bt709 ? 1.8556 : 1.772;
            const double green_cb = f.bt709 ? 0.187324 : 0.344136, green_cr = f.bt709 ? 0.468124 : 0.714136;
            value = c == 0   ? luma + red * cr
                    : c == 1 ? luma - green_cb * cb - green_cr * cr
                             : luma + blue * cb;
          }
          value = std::min(255.0, std::max(0.0, value));
        }
        tensor[(static_cast<size_t>(c) * input.height + y) * input.width + x] =
            static_cast<float>((value - input.mean[c]) / input.std[c]);
      }
    }
  }
  return tensor;
}

std::vector<uint8_t> Noise(size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> data(bytes);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(random());
  return data;
}

const InputSpec kInput{"images", 64, 48, {0, 0, 0}, {255, 255, 255}, 114};

TEST(Letterbox, EqualsThePlainReferenceEverywhere) {
  // One Letterbox for all sizes in turn: what it keeps of one frame must not show in the next.
  Letterbox letterbox(kInput);
  std::vector<float> tensor(size_t{3} * kInput.width * kInput.height);
  const int sizes[][2] = {{64, 48},  {64, 36},   {63, 47},   {48, 64},  {36, 48}, {1, 1},   {2, 1},
                          {1, 90},   {200, 3},   {65, 49},   {66, 48},  {97, 31}, {31, 97}, {128, 96},
                          {129, 97}, {320, 180}, {333, 201}, {27, 480}, {16, 12}, {17, 5}};
  unsigned seed = 0;
  for (auto [width, height] : sizes) {
    for (PixelFormat format : {PixelFormat::kYuv420p, PixelFormat::kRgb24}) {
      for (bool full_range : {false, true}) {
        for (bool bt709 : {false, true}) {
          // A heap block of exactly the frame's size: one byte read past it is an error under
          // AddressSanitizer.
          std::vector<uint8_t> data = Noise(FrameBytes(format, width, height), seed++);
          Frame frame{data.data(), format, width, height, full_range, bt709};
          letterbox(frame, {0, 0, width, height}, tensor.data());
          std::vector<float> expected = Reference(frame, kInput);
          for (size_t i = 0; i < tensor.size(); i++) {
            ASSERT_NEAR(tensor[i], expected[i], 1.0 / 255) << width << "x" << height << " at " << i;
          }
        }
      }
    }
  }
}

TEST(Letterbox, ARegionIsAsAFrameOfItsPixels) {
  const int width = 101, height = 75;
  const Region regions[] = {{0, 0, 64, 48},  {36, 26, 64, 48}, {2, 4, 90, 30},
                            {100, 74, 1, 1}, {20, 0, 81, 75},  {0, 50, 101, 25}};
  for (PixelFormat format : {PixelFormat::kYuv420p, PixelFormat::kRgb24}) {
    std::vector<uint8_t> data = Noise(FrameBytes(format, width, height), 7);
    const Frame frame{data.data(), format, width, height, true, false};
    for (const Region& region : regions) {
      const std::vector<uint8_t> pixels = RegionSamples(frame, region);
      std::vector<float> tensor(size_t{3} * kInput.width * kInput.height), expected(tensor.size());
      Letterbox inside(kInput), alone(kInput);
      inside(frame, region, tensor.data());
      alone({pixels.data(), format, region.width, region.height, true, false},
            {0, 0, region.width, region.height}, expected.data());
      EXPECT_EQ(tensor, expected) << region.left << "," << region.top;
    }
  }
}

TEST(Letterbox, NormalisesAndPadsWithTheModelsMeanAndStd) {
  const InputSpec input{"images", 32, 32, {10, 20, 30}, {2, 3, 4}, 114};
  Letterbox letterbox(input);
  std::vector<float> tensor(3 * 32 * 32);
  std::vector<uint8_t> data(FrameBytes(PixelFormat::kRgb24, 32, 16), 100);
  letterbox({data.data(), PixelFormat::kRgb24, 32, 16, false, false}, {0, 0, 32, 16}, tensor.data());
  EXPECT_FLOAT_EQ(tensor[16 * 32], 45);                  // (100 - 10) / 2
  EXPECT_FLOAT_EQ(tensor[2 * 32 * 32 + 16 * 32], 17.5);  // (100 - 30) / 4
  EXPECT_FLOAT_EQ(tensor[0], 52);                        // (114 - 10) / 2
}

TEST(Fit, CentresTheLargestPictureOfTheSameAspect) {
  EXPECT_EQ(Fit(1920, 1080, 320, 320), (Geometry{320, 180, 0, 70}));
  EXPECT_EQ(Fit(1080, 1920, 320, 320), (Geometry{180, 320, 70, 0}));
  EXPECT_EQ(Fit(1, 16384, 320, 320), (Geometry{1, 320, 159, 0}));
  EXPECT_EQ(Fit(7, 7, 320, 256), (Geometry{256, 256, 32, 0}));
}

}  // namespace
}  // namespace ghostcam

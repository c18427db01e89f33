// Frames as RGB pictures, for snapshots.
#include "image/rgb.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "image/color.h"
#include "image/multiversion.h"

namespace ghostcam {
namespace {

/// RGB = gain * YCbCr + offset, in 1/65536.
struct FixedTransform {
  int gain[3][3];
  int offset[3];
};

FixedTransform MakeFixedTransform(const Frame& frame) {
  const InputSpec plain{"", frame.width, frame.height, {0, 0, 0}, {1, 1, 1}, 0};
  const ColorTransform transform = MakeColorTransform(frame, plain);
  const auto fixed = [](float value) { return static_cast<int>(std::lround(value * 65536)); };
  FixedTransform result;
  for (int c = 0; c < 3; c++) {
    for (int i = 0; i < 3; i++) result.gain[c][i] = fixed(transform.gain[c][i]);
    result.offset[c] = fixed(transform.offset[c]) + 32768;  // rounds
  }
  return result;
}

/// Pixels that are converted at once: what lies between the steps stays in the cache.
constexpr int kBlock = 256;

/// Each chroma sample from column `left` on twice, as often as it counts; `left` may be its second pixel.
GHOSTCAM_INLINE void Repeat(const uint8_t* __restrict samples, int left, int count, uint8_t* __restrict out) {
  const int odd = left % 2;
  out[0] = samples[left / 2];
  const uint8_t* pairs = samples + (left + odd) / 2;
  for (int i = 0; i < (count - odd + 1) / 2; i++) out[odd + 2 * i] = out[odd + 2 * i + 1] = pairs[i];
}

/// `count` pixels of a row from column `left` on.
GHOSTCAM_MULTIVERSION void ConvertRow(const FixedTransform& transform, const uint8_t* __restrict luma,
                                      const uint8_t* __restrict cb, const uint8_t* __restrict cr, int left,
                                      int count, uint8_t* __restrict rgb) {
  const auto& [gain, offset] = transform;
  uint8_t u[kBlock + 2], v[kBlock + 2];
  uint32_t pixels[kBlock];
  for (int begin = 0; begin < count; begin += kBlock) {
    const int first = left + begin, block = std::min(kBlock, count - begin);
    const uint8_t* y = luma + first;
    Repeat(cb, first, block, u);
    Repeat(cr, first, block, v);
    for (int i = 0; i < block; i++) {
      uint32_t pixel = 0;
      for (int c = 0; c < 3; c++) {
        const int value = (gain[c][0] * y[i] + gain[c][1] * u[i] + gain[c][2] * v[i] + offset[c]) >> 16;
        pixel |= static_cast<uint32_t>(std::clamp(value, 0, 255)) << (8 * c);
      }
      pixels[i] = pixel;
    }
    // Each store's fourth byte is overwritten by the next one: one store a pixel instead of three.
    uint8_t* out = rgb + 3 * begin;
    for (int i = 0; i + 1 < block; i++) std::memcpy(out + 3 * i, &pixels[i], 4);
    std::memcpy(out + 3 * (block - 1), &pixels[block - 1], 3);
  }
}

}  // namespace

void ToRgb(const Frame& frame, const Region& region, uint8_t* rgb) {
  const size_t width = static_cast<size_t>(frame.width), height = static_cast<size_t>(frame.height);
  const size_t row_bytes = 3 * static_cast<size_t>(region.width);
  const size_t chroma_width = (width + 1) / 2, chroma_height = (height + 1) / 2;
  const uint8_t* cb = frame.data + width * height;
  const uint8_t* cr = cb + chroma_width * chroma_height;
  const FixedTransform transform = MakeFixedTransform(frame);
  for (int row = 0; row < region.height; row++, rgb += row_bytes) {
    const size_t y = static_cast<size_t>(region.top + row);
    if (frame.format == PixelFormat::kRgb24) {
      std::memcpy(rgb, frame.data + 3 * (y * width + static_cast<size_t>(region.left)), row_bytes);
    } else {
      ConvertRow(transform, frame.data + y * width, cb + y / 2 * chroma_width, cr + y / 2 * chroma_width,
                 region.left, region.width, rgb);
    }
  }
}

}  // namespace ghostcam

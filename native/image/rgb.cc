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

GHOSTCAM_INLINE uint8_t ToByte(int value) { return static_cast<uint8_t>(std::clamp(value >> 16, 0, 255)); }

/// `count` pixels of a row from column `left` on.
GHOSTCAM_MULTIVERSION void ConvertRow(const FixedTransform& transform, const uint8_t* luma, const uint8_t* cb,
                                      const uint8_t* cr, int left, int count, uint8_t* rgb) {
  const auto& [gain, offset] = transform;
  for (int i = 0; i < count; i++) {
    const int x = left + i;
    for (int c = 0; c < 3; c++) {
      rgb[3 * i + c] =
          ToByte(gain[c][0] * luma[x] + gain[c][1] * cb[x / 2] + gain[c][2] * cr[x / 2] + offset[c]);
    }
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

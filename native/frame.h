#pragma once

#include <cstddef>
#include <cstdint>

namespace ghostcam {

enum class PixelFormat { kYuv420p, kRgb24 };

/// A picture in one tightly packed buffer that somebody else owns. yuv420p: planes Y, U, V, chroma sizes
/// rounded up. rgb24: interleaved R, G, B.
struct Frame {
  const uint8_t* data = nullptr;
  PixelFormat format = PixelFormat::kYuv420p;
  int width = 0;
  int height = 0;
  /// yuv420p only: 0..255 instead of 16..235.
  bool full_range = false;
  /// yuv420p only: BT.709's matrix instead of BT.601's.
  bool bt709 = false;
};

/// The longest side of a frame: 8K twice over, and small enough that no product below overflows an int64.
constexpr int kMaxFrameSide = 16384;

/// Bytes of a frame of this format and size.
inline size_t FrameBytes(PixelFormat format, int width, int height) {
  size_t w = static_cast<size_t>(width), h = static_cast<size_t>(height);
  if (format == PixelFormat::kRgb24) return 3 * w * h;
  return w * h + 2 * ((w + 1) / 2) * ((h + 1) / 2);
}

}  // namespace ghostcam

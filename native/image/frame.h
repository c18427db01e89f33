// A camera's picture as the addon is given it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ghostcam {

enum class PixelFormat { kYuv420p, kRgb24 };

/// A picture in one tightly packed buffer, which the caller owns and keeps until whoever reads it is
/// done. yuv420p: planes Y, Cb, Cr, the sides of the chroma planes half those of the luma plane, rounded
/// up. rgb24: interleaved R, G, B.
struct Frame {
  const uint8_t* data = nullptr;
  PixelFormat format = PixelFormat::kYuv420p;
  int width = 0;
  int height = 0;
  /// yuv420p only: samples take 0..255 instead of 16..235 (luma) and 16..240 (chroma).
  bool full_range = false;
  /// yuv420p only: the matrix is that of ITU-R BT.709 instead of BT.601.
  bool bt709 = false;
};

/// A part of a frame, in its pixels.
struct Region {
  int left, top, width, height;
};

/// Pixels of the longest side that is accepted: twice that of 8K, and small enough that no product of sizes
/// overflows an int64.
constexpr int kMaxFrameSide = 16384;

/// Bytes of a frame. `width` and `height` are in pixels, 1..kMaxFrameSide.
inline size_t FrameBytes(PixelFormat format, int width, int height) {
  size_t w = static_cast<size_t>(width), h = static_cast<size_t>(height);
  if (format == PixelFormat::kRgb24) return 3 * w * h;
  return w * h + 2 * ((w + 1) / 2) * ((h + 1) / 2);
}

}  // namespace ghostcam

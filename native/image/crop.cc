// A part of a frame as a frame of its own.
#include "image/crop.h"

#include <algorithm>

namespace ghostcam {
namespace {

bool IsEven(int value) { return value % 2 == 0; }

/// Copies rows from a plane whose rows have `row_bytes`; returns the end of what was written.
uint8_t* CopyRows(const uint8_t* from, size_t row_bytes, size_t count, int rows, uint8_t* to) {
  for (int y = 0; y < rows; y++, from += row_bytes) to = std::copy_n(from, count, to);
  return to;
}

}  // namespace

bool IsAligned(const Region& region, const Frame& frame) {
  const auto [left, top, width, height] = region;
  const bool whole_width = IsEven(width) || left + width == frame.width;
  const bool whole_height = IsEven(height) || top + height == frame.height;
  return IsEven(left) && IsEven(top) && whole_width && whole_height;
}

void Crop(const Frame& frame, const Region& region, std::vector<uint8_t>& pixels) {
  const size_t x = static_cast<size_t>(region.left), y = static_cast<size_t>(region.top);
  const size_t width = static_cast<size_t>(region.width), frame_width = static_cast<size_t>(frame.width);
  pixels.resize(FrameBytes(frame.format, region.width, region.height));
  if (frame.format == PixelFormat::kRgb24) {
    CopyRows(frame.data + 3 * (y * frame_width + x), 3 * frame_width, 3 * width, region.height,
             pixels.data());
    return;
  }
  uint8_t* to = CopyRows(frame.data + y * frame_width + x, frame_width, width, region.height, pixels.data());
  const size_t chroma_width = (frame_width + 1) / 2;
  const size_t chroma_size = chroma_width * ((static_cast<size_t>(frame.height) + 1) / 2);
  const uint8_t* chroma = frame.data + frame_width * frame.height + y / 2 * chroma_width + x / 2;
  for (int plane = 0; plane < 2; plane++, chroma += chroma_size) {
    to = CopyRows(chroma, chroma_width, (width + 1) / 2, (region.height + 1) / 2, to);
  }
}

}  // namespace ghostcam

// The planes of a frame, or of a part of it, where they are in memory.
#include "image/planes.h"

namespace ghostcam {
namespace {

bool IsEven(int value) { return value % 2 == 0; }

}  // namespace

bool IsAligned(const Region& region, const Frame& frame) {
  const auto [left, top, width, height] = region;
  const bool whole_width = IsEven(width) || left + width == frame.width;
  const bool whole_height = IsEven(height) || top + height == frame.height;
  return IsEven(left) && IsEven(top) && whole_width && whole_height;
}

std::vector<Plane> PlanesOf(const Frame& frame, const Region& region) {
  const size_t x = static_cast<size_t>(region.left), y = static_cast<size_t>(region.top);
  const size_t width = static_cast<size_t>(region.width), stride = static_cast<size_t>(frame.width);
  if (frame.format == PixelFormat::kRgb24)
    return {{frame.data + 3 * (y * stride + x), 3 * stride, 3 * width}};
  const size_t height = static_cast<size_t>(frame.height);
  const size_t chroma_stride = (stride + 1) / 2, chroma_size = chroma_stride * ((height + 1) / 2);
  const uint8_t* chroma = frame.data + stride * height + y / 2 * chroma_stride + x / 2;
  return {{frame.data + y * stride + x, stride, width},
          {chroma, chroma_stride, (width + 1) / 2},
          {chroma + chroma_size, chroma_stride, (width + 1) / 2}};
}

}  // namespace ghostcam

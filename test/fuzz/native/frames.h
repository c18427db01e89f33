// Frames out of a fuzzer's bytes.
#pragma once

#include "image/frame.h"
#include "input.h"

namespace ghostcam::fuzz {

/// A frame and the pixels that it points to.
struct OwnedFrame {
  std::vector<uint8_t> pixels;
  Frame frame;
};

/// A frame of any format and size of at most `kMaxPixels`: usual sizes, and those with one very long side.
inline OwnedFrame ReadFrame(Input& input) {
  constexpr int kMaxPixels = 1 << 13;
  OwnedFrame owned;
  Frame& frame = owned.frame;
  frame.format = input.Bool() ? PixelFormat::kRgb24 : PixelFormat::kYuv420p;
  frame.width = input.Bool() ? input.Between(1, 300) : input.Between(1, kMaxFrameSide);
  frame.height = input.Between(1, std::min(kMaxFrameSide, std::max(1, kMaxPixels / frame.width)));
  if (input.Bool()) std::swap(frame.width, frame.height);
  frame.full_range = input.Bool();
  frame.bt709 = input.Bool();
  owned.pixels = input.Bytes(FrameBytes(frame.format, frame.width, frame.height));
  frame.data = owned.pixels.data();
  return owned;
}

/// A region of the frame that splits no sample of chroma; the whole one often.
inline Region ReadRegion(Input& input, const Frame& frame) {
  if (input.Bool()) return {0, 0, frame.width, frame.height};
  const auto side = [&input](int size, int& start) {
    start = 2 * input.Between(0, (size - 1) / 2);
    const int left = size - start;
    return input.Bool() || left < 2 ? left : 2 * input.Between(1, left / 2);
  };
  Region region{};
  region.width = side(frame.width, region.left);
  region.height = side(frame.height, region.top);
  return region;
}

}  // namespace ghostcam::fuzz

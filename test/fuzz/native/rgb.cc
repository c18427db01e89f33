// Frames as RGB pictures: any size and format.
#include "image/rgb.h"

#include "frames.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ghostcam;
  fuzz::Input input(data, size);
  const fuzz::OwnedFrame owned = fuzz::ReadFrame(input);
  const Frame& frame = owned.frame;
  std::vector<uint8_t> rgb(FrameBytes(PixelFormat::kRgb24, frame.width, frame.height));
  ToRgb(frame, {0, 0, frame.width, frame.height}, rgb.data());
  if (frame.format == PixelFormat::kRgb24) fuzz::Require(rgb == owned.pixels);
  return 0;
}

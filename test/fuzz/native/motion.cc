// Motion detection: frames of any size, times of any value, masks that come and go.
#include "image/motion.h"

#include "frames.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ghostcam;
  fuzz::Input input(data, size);
  Motion motion;
  int width = 0, height = 0;
  for (int frames = input.Between(1, 12); frames > 0; frames--) {
    if (input.Between(0, 3) == 0) {
      motion.SetMask(input.Bool() ? input.Bytes(size_t{Motion::kMaskSide} * Motion::kMaskSide)
                                  : std::vector<uint8_t>());
    }
    const bool resized = width == 0 || input.Between(0, 3) == 0;
    if (resized) {
      const Frame frame = fuzz::ReadFrame(input).frame;
      width = frame.width, height = frame.height;
    }
    const std::vector<uint8_t> luma = input.Bytes(static_cast<size_t>(width) * height);
    const double seconds = input.Bool() ? 0.2 : input.Any<double>();
    const double share = motion.Update(luma.data(), width, height, seconds, input.Bool());
    fuzz::Require(share == Motion::kUnknown || (share >= 0 && share <= 1));
  }
  return 0;
}

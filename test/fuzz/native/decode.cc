// Decoding and NMS: outputs of any values, thresholds of any values.
#include "detection/decode.h"

#include <cmath>

#include "input.h"

namespace {

using namespace ghostcam;

void Check(const std::vector<Box>& boxes, int classes, size_t anchors) {
  fuzz::Require(boxes.size() <= anchors);
  for (const Box& box : boxes) {
    fuzz::Require(std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) &&
                  std::isfinite(box.y2));
    fuzz::Require(box.x2 > box.x1 && box.y2 > box.y1);
    fuzz::Require(std::isfinite(box.score));
    fuzz::Require(box.class_id >= 0 && box.class_id < classes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  const int classes = input.Between(1, 12), reg_max = input.Between(1, 20);
  Decoder decoder(classes, reg_max);
  std::vector<Box> boxes;
  size_t anchors = 0;
  for (int levels = input.Between(1, 3); levels > 0; levels--) {
    const std::vector<float> thresholds = input.Floats(static_cast<size_t>(classes));
    const int width = input.Between(1, 24), height = input.Between(1, 24);
    const size_t cells = static_cast<size_t>(width) * height;
    const int count = static_cast<int>(cells), kind = input.Between(0, 3);
    if (kind == 0) {
      const std::vector<float> box = input.Floats(size_t{4} * reg_max * cells);
      const std::vector<float> cls = input.Floats(static_cast<size_t>(classes) * cells);
      decoder.Dfl({box.data(), cls.data(), width, height, input.Between(1, 4096), static_cast<int>(anchors)},
                  thresholds, boxes);
    } else if (kind == 1) {
      const std::vector<float> output = input.Floats((4 + static_cast<size_t>(classes)) * cells);
      decoder.Decoded(output.data(), count, thresholds, boxes);
    } else if (kind == 2) {
      const std::vector<float> output = input.Floats((5 + static_cast<size_t>(classes)) * cells);
      decoder.Objectness(output.data(), count, thresholds, boxes);
    } else {
      const std::vector<float> output = input.Floats(6 * cells);
      decoder.EndToEnd(output.data(), count, thresholds, boxes);
    }
    anchors += cells;
    Check(boxes, classes, anchors);
  }
  const int most = input.Integer(300);
  Nms(boxes, input.Any<float>(), most);
  Check(boxes, classes, static_cast<size_t>(std::max(most, 0)));
  return 0;
}

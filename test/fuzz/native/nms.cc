// NMS: boxes of any coordinates, finite or not.
#include "detection/nms.h"

#include <cmath>

#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ghostcam;
  fuzz::Input input(data, size);
  const int count = input.Between(0, input.Between(0, 40) == 0 ? 40'000 : 300);
  const float iou = input.Bool() ? input.Between(0, 100) / 100.0f : input.Any<float>();
  const int most = input.Integer(input.Between(1, 400));
  const std::vector<float> numbers = input.Floats(static_cast<size_t>(count) * 5);
  std::vector<Box> boxes;
  for (int i = 0; i < count; i++) {
    const float* n = &numbers[static_cast<size_t>(i) * 5];
    boxes.push_back({n[0], n[1], n[2], n[3], std::isnan(n[4]) ? 0 : n[4], i % 3, i});
  }
  Nms(boxes, iou, most);
  fuzz::Require(boxes.size() <= static_cast<size_t>(std::max(most, 0)));
  for (size_t i = 1; i < boxes.size(); i++) fuzz::Require(boxes[i - 1].score >= boxes[i].score);
  return 0;
}

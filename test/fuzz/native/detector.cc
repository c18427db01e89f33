// The detector on a real ONNX Runtime: manifests that fit their model or do not, models that answer anything.
#include "detection/detector.h"

#include <cmath>
#include <cstdlib>

#include "base/error.h"
#include "frames.h"
#include "onnx.h"

namespace {

using namespace ghostcam;

const Runtime* runtime = nullptr;

/// A manifest, most of whose numbers make sense.
ModelSpec ReadSpec(fuzz::Input& input) {
  ModelSpec spec;
  const int width = 32 * input.Between(1, 3), height = 32 * input.Between(1, 3);
  spec.input = {"images", input.Integer(width), input.Integer(height), {0, 0, 0}, {255, 255, 255}, 114};
  if (input.Between(0, 15) == 0) spec.input.std[1] = input.Any<float>();
  spec.classes = input.Integer(input.Between(1, 4));
  if (input.Bool()) {
    constexpr HeadKind kHeads[] = {HeadKind::kDecoded, HeadKind::kObjectness, HeadKind::kEndToEnd};
    spec.head = kHeads[input.Between(0, 2)];
    spec.output = "output0";
    return spec;
  }
  spec.reg_max = input.Integer(input.Between(1, 8));
  for (int level = input.Between(1, 3); level > 0; level--) {
    const std::string name = std::to_string(level);
    spec.levels.push_back({input.Integer(4 << level), "box" + name, "cls" + name});
  }
  return spec;
}

/// A tensor with the shape that the manifest promises or, now and then, with another.
fuzz::OnnxTensor ReadTensor(fuzz::Input& input, std::string name, std::vector<int64_t> shape) {
  constexpr int64_t kMaxElements = 1 << 14;
  if (input.Between(0, 15) == 0) name += "?";
  if (input.Between(0, 15) == 0) shape.push_back(1);
  int64_t count = 1;
  for (int64_t& size : shape) {
    if (input.Between(0, 31) == 0) size = input.Between(0, 9);
    if (size < 0 || size * count > kMaxElements) size = 1;
    count *= size;
  }
  return {name, shape, input.Floats(static_cast<size_t>(count))};
}

std::vector<uint8_t> ReadModel(fuzz::Input& input, const ModelSpec& spec) {
  const int64_t classes = spec.classes, sides = int64_t{4} * spec.reg_max;
  std::vector<fuzz::OnnxTensor> outputs;
  const int64_t anchors = input.Between(1, 200);
  switch (spec.head) {
    case HeadKind::kDecoded:
      outputs.push_back(ReadTensor(input, spec.output, {1, 4 + classes, anchors}));
      break;
    case HeadKind::kObjectness:
      outputs.push_back(ReadTensor(input, spec.output, {1, anchors, 5 + classes}));
      break;
    case HeadKind::kEndToEnd:
      outputs.push_back(ReadTensor(input, spec.output, {1, anchors, 6}));
      break;
    case HeadKind::kDfl:
      break;
  }
  for (const DflLevel& level : spec.levels) {
    const int64_t stride = level.stride == 0 ? 1 : level.stride;
    const int64_t height = spec.input.height / stride, width = spec.input.width / stride;
    outputs.push_back(ReadTensor(input, level.box, {1, sides, height, width}));
    outputs.push_back(ReadTensor(input, level.cls, {1, classes, height, width}));
  }
  const fuzz::OnnxTensor images{"images", {1, 3, spec.input.height, spec.input.width}, {}};
  return fuzz::ConstantModel(images, outputs);
}

}  // namespace

/// Loads the library before the first input, whose time is limited.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  runtime = &Runtime::Load(std::getenv("ONNXRUNTIME_LIB"));
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  try {
    const ModelSpec spec = ReadSpec(input);
    Detector detector(*runtime, ReadModel(input, spec), {}, spec);
    for (int frames = input.Between(1, 2); frames > 0; frames--) {
      const fuzz::OwnedFrame owned = fuzz::ReadFrame(input);
      DetectOptions options;
      options.thresholds = input.Floats(static_cast<size_t>(input.Between(0, 15) == 0 ? 2 : spec.classes));
      options.iou = input.Any<float>();
      options.max_detections = input.Integer(300);
      options.source_width = static_cast<float>(input.Between(1, kMaxFrameSide));
      options.source_height = static_cast<float>(input.Between(1, kMaxFrameSide));
      StageTimes times;
      const Region region = fuzz::ReadRegion(input, owned.frame);
      for (const Box& box : detector.Detect(owned.frame, region, options, times)) {
        fuzz::Require(box.x1 >= 0 && box.x1 < box.x2 && box.x2 <= options.source_width);
        fuzz::Require(box.y1 >= 0 && box.y1 < box.y2 && box.y2 <= options.source_height);
        fuzz::Require(std::isfinite(box.score) && box.class_id >= 0 && box.class_id < spec.classes);
      }
    }
  } catch (const Error&) {
    // What the message says.
  }
  return 0;
}

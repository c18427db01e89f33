// The detector: letterbox, inference, decoding, NMS and mapping back.
#include "detection/detector.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ghostcam {
namespace {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

TensorSpec InputTensor(const InputSpec& input) { return {input.name, {1, 3, input.height, input.width}}; }

/// The spec itself, once it is checked. Members are initialised from it.
const ModelSpec& Checked(const ModelSpec& spec) {
  CheckModelSpec(spec);
  return spec;
}

SessionOptions WithInputSize(SessionOptions options, const ModelSpec& spec) {
  const FreeDimension sides[] = {{spec.width_dimension, spec.input.width},
                                 {spec.height_dimension, spec.input.height}};
  for (const FreeDimension& side : sides) {
    if (!side.name.empty()) options.free_dimensions.push_back(side);
  }
  return options;
}

/// The outputs in the order in which Decode() reads them: box and cls of each level, or the only output.
std::vector<TensorSpec> OutputTensors(const ModelSpec& spec) {
  switch (spec.head) {
    case HeadKind::kDecoded:
      return {{spec.output, {1, 4 + spec.classes, -1}}};
    case HeadKind::kObjectness:
      return {{spec.output, {1, -1, 5 + spec.classes}}};
    case HeadKind::kEndToEnd:
      return {{spec.output, {1, -1, 6}}};
    case HeadKind::kDfl:
      break;
  }
  std::vector<TensorSpec> tensors;
  for (const DflLevel& level : spec.levels) {
    int64_t height = spec.input.height / level.stride, width = spec.input.width / level.stride;
    tensors.push_back({level.box, {1, 4 * spec.reg_max, height, width}});
    tensors.push_back({level.cls, {1, spec.classes, height, width}});
  }
  return tensors;
}

}  // namespace

Detector::Detector(const Runtime& runtime, const std::vector<uint8_t>& model, SessionOptions options,
                   const ModelSpec& spec)
    : spec_(Checked(spec)),
      session_(runtime, model, WithInputSize(std::move(options), spec), InputTensor(spec.input),
               OutputTensors(spec)),
      letterbox_(spec.input),
      decoder_(spec.classes, spec.reg_max) {
  // Bare() may run before the first frame, when the input would be uninitialised memory.
  std::fill_n(session_.input(), size_t{3} * spec.input.width * spec.input.height, 0.0f);
}

const std::vector<Box>& Detector::Detect(const Frame& frame, const Region& region,
                                         const DetectOptions& options, StageTimes& times) {
  if (options.thresholds.size() != static_cast<size_t>(spec_.classes)) {
    throw Error("FRAME", "there must be one threshold for each class");
  }
  auto start = Clock::now();
  Geometry geometry = letterbox_(frame, region, session_.input());
  times.pre_ms = MillisecondsSince(start);
  times.infer_ms = Bare();
  start = Clock::now();
  boxes_.clear();
  Decode(options);
  Nms(boxes_, options.iou, options.max_detections);
  MapBack(geometry, options);
  times.post_ms = MillisecondsSince(start);
  return boxes_;
}

double Detector::Bare() {
  auto start = Clock::now();
  session_.Run();
  return MillisecondsSince(start);
}

void Detector::Decode(const DetectOptions& options) {
  const float* output = session_.output(0);
  const auto size = [this](size_t axis) { return static_cast<int>(session_.output_shape(0)[axis]); };
  switch (spec_.head) {
    case HeadKind::kDecoded:
      return decoder_.Decoded(output, size(2), options.thresholds, boxes_);
    case HeadKind::kObjectness:
      return decoder_.Objectness(output, size(1), options.thresholds, boxes_);
    case HeadKind::kEndToEnd:
      return decoder_.EndToEnd(output, size(1), options.thresholds, boxes_);
    case HeadKind::kDfl:
      return DecodeLevels(options);
  }
}

void Detector::DecodeLevels(const DetectOptions& options) {
  int first_anchor = 0;
  for (size_t i = 0; i < spec_.levels.size(); i++) {
    int stride = spec_.levels[i].stride;
    DflView level{session_.output(2 * i),
                  session_.output(2 * i + 1),
                  spec_.input.width / stride,
                  spec_.input.height / stride,
                  stride,
                  first_anchor};
    decoder_.Dfl(level, options.thresholds, boxes_);
    first_anchor += level.width * level.height;
  }
}

void Detector::MapBack(const Geometry& geometry, const DetectOptions& options) {
  float sx = options.source_width / static_cast<float>(geometry.width);
  float sy = options.source_height / static_cast<float>(geometry.height);
  float left = static_cast<float>(geometry.left), top = static_cast<float>(geometry.top);
  for (Box& box : boxes_) {
    box.x1 = std::clamp((box.x1 - left) * sx, 0.0f, options.source_width);
    box.x2 = std::clamp((box.x2 - left) * sx, 0.0f, options.source_width);
    box.y1 = std::clamp((box.y1 - top) * sy, 0.0f, options.source_height);
    box.y2 = std::clamp((box.y2 - top) * sy, 0.0f, options.source_height);
  }
  // A box that lies in the letterbox's border is empty after clipping.
  auto is_empty = [](const Box& box) { return box.x1 >= box.x2 || box.y1 >= box.y2; };
  boxes_.erase(std::remove_if(boxes_.begin(), boxes_.end(), is_empty), boxes_.end());
}

}  // namespace ghostcam

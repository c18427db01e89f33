// The stages of the addon's work, one after the other on one thread, for counter.c to count: a few frames of
// letterbox, of inference, and of decode and NMS, with a mark before the first and after each.
//
// Usage: stages FRAMES LIBRARY PROVIDER MODEL INPUT INPUT_WIDTH INPUT_HEIGHT CLASSES REG_MAX PICTURE WIDTH
//        HEIGHT and for each level STRIDE BOX CLS; the model's symbolic dimensions are called width and
//        height, and PICTURE is a file of yuv420p pixels.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "detection/decode.h"
#include "image/letterbox.h"
#include "detection/model_spec.h"
#include "detection/nms.h"
#include "onnxruntime/session.h"

namespace ghostcam {
namespace {

/// Of the shipped models' manifests.
constexpr float kThreshold = 0.3f, kIou = 0.6f;
constexpr int kMaxDetections = 300;

std::vector<uint8_t> ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("MODEL", std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

ModelSpec ReadSpec(int count, char** arguments) {
  ModelSpec spec;
  spec.input = {
      arguments[5], std::atoi(arguments[6]), std::atoi(arguments[7]), {0, 0, 0}, {255, 255, 255}, 114};
  spec.classes = std::atoi(arguments[8]);
  spec.reg_max = std::atoi(arguments[9]);
  for (int i = 13; i + 2 < count; i += 3)
    spec.levels.push_back({std::atoi(arguments[i]), arguments[i + 1], arguments[i + 2]});
  return spec;
}

/// counter.c notes how many instructions were executed when this is called.
void Mark() { getppid(); }

void Work(int count, char** arguments) {
  int frames = std::atoi(arguments[1]);
  ModelSpec spec = ReadSpec(count, arguments);
  std::vector<uint8_t> picture = ReadFile(arguments[10]);
  Frame frame;
  frame.data = picture.data();
  frame.width = std::atoi(arguments[11]);
  frame.height = std::atoi(arguments[12]);
  SessionOptions options;
  options.provider = arguments[3];
  const InputSpec& input = spec.input;
  options.free_dimensions = {{"width", input.width}, {"height", input.height}};
  std::vector<TensorSpec> outputs;
  for (const DflLevel& level : spec.levels) {
    outputs.push_back({level.box, {1, 4 * spec.reg_max, -1, -1}});
    outputs.push_back({level.cls, {1, spec.classes, -1, -1}});
  }
  Session session(Runtime::Load(arguments[2]), ReadFile(arguments[4]), options,
                  {input.name, {1, 3, input.height, input.width}}, outputs);
  Letterbox letterbox(input);
  Decoder decoder(spec.classes, spec.reg_max);
  const std::vector<float> thresholds(spec.classes, kThreshold);
  std::vector<Box> boxes;
  auto decode = [&] {
    boxes.clear();
    int first_anchor = 0;
    for (size_t i = 0; i < spec.levels.size(); i++) {
      int stride = spec.levels[i].stride, width = input.width / stride, height = input.height / stride;
      decoder.Dfl({session.output(2 * i), session.output(2 * i + 1), width, height, stride, first_anchor},
                  thresholds, boxes);
      first_anchor += width * height;
    }
    Nms(boxes, kIou, kMaxDetections);
  };

  // The first of each makes tables and buffers.
  letterbox(frame, session.input());
  session.Run();
  decode();
  if (boxes.empty()) throw Error("MODEL", "nothing was found: this is not the work of a real frame");
  Mark();
  for (int i = 0; i < frames; i++) letterbox(frame, session.input());
  Mark();
  for (int i = 0; i < frames; i++) session.Run();
  Mark();
  for (int i = 0; i < frames; i++) decode();
  Mark();
}

}  // namespace
}  // namespace ghostcam

int main(int count, char** arguments) {
  try {
    if (count < 12) throw ghostcam::Error("MODEL", "see the usage in stages.cc");
    ghostcam::Work(count, arguments);
  } catch (const ghostcam::Error& error) {
    std::fprintf(stderr, "stages: %s\n", error.what());
    return 1;
  }
}

// One stage of the addon's work, again and again on one thread, for counter.c to count.
// Usage: stages STAGE FRAMES LIBRARY PROVIDER MODEL INPUT SIZE CLASSES REG_MAX PICTURE WIDTH HEIGHT [STRIDE
// BOX CLS]… STAGE: letterbox, inference, or detect, which is both and decode + NMS. PICTURE: a file of
// yuv420p pixels.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "detector.h"

namespace ghostcam {
namespace {

/// Of the shipped models' manifests.
constexpr float kThreshold = 0.3f;

std::vector<uint8_t> ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("MODEL", std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

ModelSpec ReadSpec(int count, char** arguments) {
  ModelSpec spec;
  int size = std::atoi(arguments[7]);
  spec.input = {arguments[6], size, size, {0, 0, 0}, {255, 255, 255}, 114};
  spec.classes = std::atoi(arguments[8]);
  spec.reg_max = std::atoi(arguments[9]);
  for (int i = 13; i + 2 < count; i += 3)
    spec.levels.push_back({std::atoi(arguments[i]), arguments[i + 1], arguments[i + 2]});
  return spec;
}

void Work(int count, char** arguments) {
  std::string stage = arguments[1];
  int frames = std::atoi(arguments[2]);
  ModelSpec spec = ReadSpec(count, arguments);
  std::vector<uint8_t> picture = ReadFile(arguments[10]);
  Frame frame;
  frame.data = picture.data();
  frame.width = std::atoi(arguments[11]);
  frame.height = std::atoi(arguments[12]);

  if (stage == "letterbox") {
    Letterbox letterbox(spec.input);
    std::vector<float> tensor(size_t{3} * spec.input.width * spec.input.height);
    for (int i = 0; i < frames; i++) letterbox(frame, tensor.data());
    return;
  }
  SessionOptions options;
  if (arguments[4] == std::string("xnnpack")) options.provider = Provider::kXnnpack;
  Detector detector(Runtime::Load(arguments[3]), ReadFile(arguments[5]), options, spec);
  DetectOptions wanted;
  wanted.thresholds.assign(spec.classes, kThreshold);
  wanted.source_width = static_cast<float>(frame.width);
  wanted.source_height = static_cast<float>(frame.height);
  StageTimes times;
  size_t boxes = detector.Detect(frame, wanted, times).size();
  if (boxes == 0) throw Error("MODEL", "nothing was found: this is not the work of a real frame");
  for (int i = 0; i < frames; i++) {
    if (stage == "inference") detector.Bare();
    if (stage == "detect") detector.Detect(frame, wanted, times);
  }
}

}  // namespace
}  // namespace ghostcam

int main(int count, char** arguments) {
  try {
    if (count < 13) throw ghostcam::Error("MODEL", "see the usage in stages.cc");
    ghostcam::Work(count, arguments);
  } catch (const ghostcam::Error& error) {
    std::fprintf(stderr, "stages: %s\n", error.what());
    return 1;
  }
}

// The stages of the addon's work, one after the other on one thread, for counter.c to count: a few frames of
// letterbox, of inference, and of all of it, with a mark before the first and after each. Usage: stages
// FRAMES LIBRARY PROVIDER MODEL INPUT SIZE CLASSES REG_MAX PICTURE WIDTH HEIGHT [STRIDE BOX CLS]… PICTURE: a
// file of yuv420p pixels.
#include <unistd.h>

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
  int size = std::atoi(arguments[6]);
  spec.input = {arguments[5], size, size, {0, 0, 0}, {255, 255, 255}, 114};
  spec.classes = std::atoi(arguments[7]);
  spec.reg_max = std::atoi(arguments[8]);
  for (int i = 12; i + 2 < count; i += 3)
    spec.levels.push_back({std::atoi(arguments[i]), arguments[i + 1], arguments[i + 2]});
  return spec;
}

/// counter.c notes how many instructions were executed when this is called.
void Mark() { getppid(); }

void Work(int count, char** arguments) {
  int frames = std::atoi(arguments[1]);
  ModelSpec spec = ReadSpec(count, arguments);
  std::vector<uint8_t> picture = ReadFile(arguments[9]);
  Frame frame;
  frame.data = picture.data();
  frame.width = std::atoi(arguments[10]);
  frame.height = std::atoi(arguments[11]);
  SessionOptions options;
  if (arguments[3] == std::string("xnnpack")) options.provider = Provider::kXnnpack;
  Detector detector(Runtime::Load(arguments[2]), ReadFile(arguments[4]), options, spec);
  DetectOptions wanted;
  wanted.thresholds.assign(spec.classes, kThreshold);
  wanted.source_width = static_cast<float>(frame.width);
  wanted.source_height = static_cast<float>(frame.height);
  StageTimes times;
  Letterbox letterbox(spec.input);
  std::vector<float> tensor(size_t{3} * spec.input.width * spec.input.height);

  // The first of each makes tables and buffers.
  letterbox(frame, tensor.data());
  if (detector.Detect(frame, wanted, times).empty())
    throw Error("MODEL", "nothing was found: this is not the work of a real frame");
  Mark();
  for (int i = 0; i < frames; i++) letterbox(frame, tensor.data());
  Mark();
  for (int i = 0; i < frames; i++) detector.Bare();
  Mark();
  for (int i = 0; i < frames; i++) detector.Detect(frame, wanted, times);
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

// Frame in, boxes out, on the thread that calls.
#pragma once

#include <vector>

#include "decode.h"
#include "letterbox.h"
#include "model_spec.h"
#include "nms.h"
#include "session.h"

namespace ghostcam {

struct DetectOptions {
  /// One score threshold per class, 0..1.
  std::vector<float> thresholds;
  float iou = 0.6f;
  int max_detections = 300;
  /// Size that the boxes are scaled to.
  float source_width = 0;
  float source_height = 0;
};

struct StageTimes {
  double pre_ms = 0;
  double infer_ms = 0;
  double post_ms = 0;
};

/// Used by one thread at a time, except Terminate().
class Detector {
 public:
  Detector(const Runtime& runtime, const std::vector<uint8_t>& model, const SessionOptions& options,
           const ModelSpec& spec);

  /// Boxes in source pixels, clipped to the source, best score first. Valid until the next call.
  const std::vector<Box>& Detect(const Frame& frame, const DetectOptions& options, StageTimes& times);
  /// Milliseconds of one session run on what the tensor holds.
  double Bare();
  void Terminate() noexcept { session_.Terminate(); }
  std::string EndProfile() { return session_.EndProfile(); }

 private:
  void Decode(const DetectOptions& options);
  void MapBack(const Geometry& geometry, const DetectOptions& options);

  ModelSpec spec_;
  Session session_;
  Letterbox letterbox_;
  Decoder decoder_;
  std::vector<Box> boxes_;
};

}  // namespace ghostcam

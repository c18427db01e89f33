// The detector: letterbox, inference, decoding, NMS and mapping back, on the calling thread.
#pragma once

#include <vector>

#include "detection/decode.h"
#include "detection/model_spec.h"
#include "detection/nms.h"
#include "image/letterbox.h"
#include "onnxruntime/session.h"

namespace ghostcam {

/// What a call of Detect() may choose.
struct DetectOptions {
  /// One score threshold for each class, 0..1, exclusive.
  std::vector<float> thresholds;
  /// The IoU above which NMS removes a box, 0..1.
  float iou = 0.6f;
  int max_detections = 300;
  /// What the region's size is in the picture that the boxes are scaled to, in pixels.
  float source_width = 0;
  float source_height = 0;
};

/// Milliseconds of the stages: letterbox; inference; decoding, NMS and mapping back.
struct StageTimes {
  double pre_ms = 0;
  double infer_ms = 0;
  double post_ms = 0;
};

/// One model in one session. Used by one thread at a time, except Terminate(), which any thread may call.
class Detector {
 public:
  /// Loads the ONNX file in `model`, with the sizes of its input that `spec` has. Throws Error("MODEL",
  /// "PROVIDER" or "RUNTIME").
  Detector(const Runtime& runtime, const std::vector<uint8_t>& model, SessionOptions options,
           const ModelSpec& spec);

  /// Detects objects in a region of a frame, which is within it and aligned (see image/planes.h). Returns
  /// boxes in source pixels, clipped to the source, best score first; they are valid until the next call.
  /// Throws Error("FRAME") when there is not one threshold for each class, and Error("MODEL") when the
  /// inference fails.
  const std::vector<Box>& Detect(const Frame& frame, const Region& region, const DetectOptions& options,
                                 StageTimes& times);
  /// Runs the model on the current content of its input tensor. Returns milliseconds. Throws as Detect()
  /// does.
  double Bare();
  /// Makes the current inference and all later ones fail. See Session::Terminate().
  void Terminate() noexcept { session_.Terminate(); }
  /// Ends the profile that SessionOptions asked for and returns the path of its file.
  std::string EndProfile() { return session_.EndProfile(); }

 private:
  void Decode(const DetectOptions& options);
  void DecodeLevels(const DetectOptions& options);
  void MapBack(const Geometry& geometry, const DetectOptions& options);

  ModelSpec spec_;
  Session session_;
  Letterbox letterbox_;
  Decoder decoder_;
  std::vector<Box> boxes_;
};

}  // namespace ghostcam

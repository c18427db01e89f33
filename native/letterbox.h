// Camera picture -> the model's input tensor: scaled to fit, centred on grey, RGB planes, normalised.
#pragma once

#include <array>
#include <vector>

#include "frame.h"
#include "geometry.h"
#include "model_spec.h"
#include "resample.h"

namespace ghostcam {

/// Fills one tensor again and again; keeps the filter tables of the last picture size and its row buffers.
class Letterbox {
 public:
  explicit Letterbox(const InputSpec& input) : input_(input) {}

  /// Writes `frame` to `tensor`, float [3][input.height][input.width], in one pass. `tensor` must be the same
  /// each time: its border is only written when the geometry changes.
  Geometry operator()(const Frame& frame, float* tensor);

 private:
  struct Plane {
    Axis horizontal, vertical;
    std::vector<float> mixed;  // one input row after the vertical filter
    std::vector<float> row;    // the same after the horizontal filter
  };
  void Prepare(const Frame& frame, float* tensor);
  void FillBorder(float* tensor) const;

  InputSpec input_;
  Geometry geometry_{0, 0, 0, 0};
  int frame_width_ = 0, frame_height_ = 0;
  PixelFormat format_ = PixelFormat::kYuv420p;
  std::array<Plane, 3> planes_;
};

}  // namespace ghostcam

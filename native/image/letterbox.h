// The letterbox: a frame becomes the model's input tensor, scaled to fit, centred on grey, in normalised RGB
// planes.
#pragma once

#include <vector>

#include "image/frame.h"
#include "image/geometry.h"
#include "image/input_spec.h"
#include "image/pixel_kernels.h"
#include "image/planes.h"
#include "image/resample.h"

namespace ghostcam {

/// Fills one tensor with frame after frame. Keeps the filter weights of the last size and a few rows of
/// scratch memory, but no intermediate picture. Used by one thread at a time.
class Letterbox {
 public:
  explicit Letterbox(const InputSpec& input) : input_(input) {}

  /// Writes `region` of `frame`, which is within it and aligned (see planes.h), to `tensor`, float
  /// [3][input.height][input.width], and returns where the picture lies in it. `tensor` must be the same in
  /// each call, because its border is only written when the geometry changes. The frame's sides are
  /// 1..kMaxFrameSide and its data has FrameBytes() bytes.
  Geometry operator()(const Frame& frame, const Region& region, float* tensor);

 private:
  /// The filters of a plane.
  struct Scaler {
    Axis horizontal, vertical;
  };
  /// Samples and how they are scaled.
  struct ScaledPlane {
    Plane plane;
    const Scaler* scaler;
  };

  /// A part of the scaled picture, in its pixels.
  struct Tile {
    int x, y, width, height;
  };

  /// Recomputes filters and border when the region's size changed.
  void Prepare(const Region& region, float* tensor);
  void FillBorder(float* tensor) const;
  void ByRows(const std::vector<ScaledPlane>& planes, const ColorTransform& transform, float* picture);
  void ByLanes(const std::vector<ScaledPlane>& planes, const ColorTransform& transform, float* picture);
  void ScaleTile(const std::vector<ScaledPlane>& planes, const ColorTransform& transform, const Tile& tile,
                 float* picture);
  /// The vertical filter for picture row `y`, of `count` bytes of each row from `begin` on.
  void MixRow(const ScaledPlane& scaled, int y, size_t begin, size_t count, float* out) const;

  InputSpec input_;
  int region_width_ = 0, region_height_ = 0;
  Geometry geometry_{0, 0, 0, 0};
  Scaler full_;                                // of luma, or of interleaved RGB
  Scaler chroma_;                              // of planes with half the sides
  std::vector<float> mixed_, lanes_, colors_;  // scratch
};

}  // namespace ghostcam

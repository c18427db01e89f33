// Camera picture -> the model's input tensor: scaled to fit, centred on grey, RGB planes, normalised.
#pragma once

#include <vector>

#include "frame.h"
#include "geometry.h"
#include "model_spec.h"
#include "pixel_kernels.h"
#include "resample.h"

namespace ghostcam {

/// Fills one tensor again and again. Keeps the filter tables of the last picture size and a few rows of
/// scratch memory; there is no intermediate picture.
class Letterbox {
 public:
  explicit Letterbox(const InputSpec& input) : input_(input) {}

  /// Writes `frame` to `tensor`, float [3][input.height][input.width]. `tensor` must be the same each time:
  /// its border is only written when the geometry changes.
  Geometry operator()(const Frame& frame, float* tensor);

 private:
  struct Scaler {
    Axis horizontal, vertical;
  };
  /// Interleaved or planar samples of a frame, scaled by one of scalers_.
  struct Plane {
    const uint8_t* data;
    size_t row_bytes;
    const Scaler* scaler;
  };

  /// A part of the picture, in its pixels.
  struct Tile {
    int x, y, width, height;
  };

  void Prepare(const Frame& frame, float* tensor);
  void FillBorder(float* tensor) const;
  void ByRows(const std::vector<Plane>& planes, const ColorTransform& transform, float* picture);
  void ByLanes(const std::vector<Plane>& planes, const ColorTransform& transform, float* picture);
  void ScaleTile(const std::vector<Plane>& planes, const ColorTransform& transform, const Tile& tile,
                 float* picture);
  /// The vertical filter for picture row `y`, of `count` bytes of each row from `begin` on.
  void MixRow(const Plane& plane, int y, size_t begin, size_t count, float* out) const;

  InputSpec input_;
  int frame_width_ = 0, frame_height_ = 0;
  Geometry geometry_{0, 0, 0, 0};
  Scaler full_;                                // luma, or RGB
  Scaler chroma_;                              // half of the size, for the same picture
  std::vector<float> mixed_, lanes_, colors_;  // scratch
};

}  // namespace ghostcam

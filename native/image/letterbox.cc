// The letterbox: vertical filter, then horizontal filter or chroma enlargement, then colours.
#include "image/letterbox.h"

#include <algorithm>

#include "image/color.h"

namespace ghostcam {

Geometry Letterbox::operator()(const Frame& frame, const Region& region, float* tensor) {
  Prepare(region, tensor);
  std::vector<ScaledPlane> planes;
  for (const Plane& plane : PlanesOf(frame, region))
    planes.push_back({plane, planes.empty() ? &full_ : &chroma_});
  const ColorTransform transform = MakeColorTransform(frame, input_);
  float* picture = tensor + static_cast<size_t>(geometry_.top) * input_.width + geometry_.left;
  if (region.width == geometry_.width) {
    ByRows(planes, transform, picture);
  } else {
    ByLanes(planes, transform, picture);
  }
  return geometry_;
}

void Letterbox::Prepare(const Region& region, float* tensor) {
  const int width = region.width, height = region.height;
  if (width == region_width_ && height == region_height_) return;
  region_width_ = width;
  region_height_ = height;
  const Geometry geometry = Fit(width, height, input_.width, input_.height);
  if (!(geometry == geometry_)) {
    geometry_ = geometry;
    FillBorder(tensor);
  }
  const double x_ratio = static_cast<double>(width) / geometry.width;
  const double y_ratio = static_cast<double>(height) / geometry.height;
  full_ = {MakeAxis(width, geometry.width, x_ratio), MakeAxis(height, geometry.height, y_ratio)};
  // A chroma sample covers 2 x 2 luma samples and lies in their middle.
  chroma_ = {MakeAxis((width + 1) / 2, geometry.width, x_ratio / 2),
             MakeAxis((height + 1) / 2, geometry.height, y_ratio / 2)};
}

void Letterbox::FillBorder(float* tensor) const {
  const Geometry& g = geometry_;
  for (int c = 0; c < 3; c++) {
    const float value = (input_.pad - input_.mean[c]) / input_.std[c];
    for (int y = 0; y < input_.height; y++, tensor += input_.width) {
      const bool beside = y >= g.top && y < g.top + g.height;
      std::fill(tensor, tensor + (beside ? g.left : input_.width), value);
      if (beside) std::fill(tensor + g.left + g.width, tensor + input_.width, value);
    }
  }
}

void Letterbox::MixRow(const ScaledPlane& scaled, int y, size_t begin, size_t count, float* out) const {
  const auto& [plane, scaler] = scaled;
  const Axis& axis = scaler->vertical;
  const uint8_t* rows = plane.data + axis.first[y] * plane.stride + begin;
  const float* weights = &axis.weights[static_cast<size_t>(y) * axis.taps];
  MixRows(rows, plane.stride, weights, axis.taps, static_cast<int>(count), out);
}

/// The usual case, a frame that ffmpeg scaled to the picture's width: rows keep their length.
void Letterbox::ByRows(const std::vector<ScaledPlane>& planes, const ColorTransform& transform,
                       float* picture) {
  const size_t width = static_cast<size_t>(geometry_.width);
  const size_t plane_size = static_cast<size_t>(input_.width) * input_.height;
  mixed_.resize(3 * width);
  colors_.resize(3 * width);
  float* const full = colors_.data();
  for (int y = 0; y < geometry_.height; y++, picture += input_.width) {
    float* const out[3] = {picture, picture + plane_size, picture + 2 * plane_size};
    if (planes.size() == 1) {
      MixRow(planes[0], y, 0, planes[0].plane.row_bytes, mixed_.data());
      TransformInterleaved(mixed_.data(), geometry_.width, transform, out);
      continue;
    }
    MixRow(planes[0], y, 0, width, full);
    for (size_t p = 1; p < 3; p++) {
      MixRow(planes[p], y, 0, planes[p].plane.row_bytes, mixed_.data());
      EnlargeTwice(mixed_.data(), geometry_.width, full + p * width);
    }
    const float* const in[3] = {full, full + width, full + 2 * width};
    TransformColors(in, geometry_.width, transform, out);
  }
}

/// The general case: tiles of kLanes rows, transposed so that each lane of a vector register holds one row.
/// Tiles are narrow enough for their intermediate values to stay in the first-level cache.
void Letterbox::ByLanes(const std::vector<ScaledPlane>& planes, const ColorTransform& transform,
                        float* picture) {
  constexpr int kTileInput = 512, kTileOutput = 256;  // pixels
  const int tile =
      std::clamp(static_cast<int>(int64_t{kTileInput} * geometry_.width / region_width_), 1, kTileOutput);
  for (int y = 0; y < geometry_.height; y += kLanes) {
    for (int x = 0; x < geometry_.width; x += tile) {
      const Tile area{x, y, std::min(tile, geometry_.width - x), std::min(kLanes, geometry_.height - y)};
      ScaleTile(planes, transform, area, picture + static_cast<size_t>(y) * input_.width + x);
    }
  }
}

void Letterbox::ScaleTile(const std::vector<ScaledPlane>& planes, const ColorTransform& transform,
                          const Tile& tile, float* picture) {
  const int step = planes.size() == 1 ? 3 : 1;  // bytes between two samples of a colour
  const size_t color_size = static_cast<size_t>(tile.width) * kLanes;
  colors_.resize(3 * color_size);
  float* const colors[3] = {colors_.data(), colors_.data() + color_size, colors_.data() + 2 * color_size};
  for (int c = 0; c < 3; c++) {
    const ScaledPlane& plane = planes[step == 1 ? c : 0];
    const Axis& axis = plane.scaler->horizontal;
    const int* first = &axis.first[tile.x];
    if (step == 1 || c == 0) {
      const size_t begin = static_cast<size_t>(first[0]) * step;
      const size_t count = static_cast<size_t>(first[tile.width - 1] + axis.taps) * step - begin;
      mixed_.resize(count * kLanes);
      lanes_.resize(count * kLanes);
      for (int row = 0; row < tile.height; row++)
        MixRow(plane, tile.y + row, begin, count, &mixed_[row * count]);
      ToLanes(mixed_.data(), count, static_cast<int>(count), lanes_.data());
    }
    ResampleLanes(lanes_.data() + (step == 1 ? 0 : c * kLanes), step, first,
                  &axis.weights[static_cast<size_t>(tile.x) * axis.taps], axis.taps, tile.width, colors[c]);
  }
  TransformColors(colors, static_cast<int>(color_size), transform, colors);
  const size_t plane_size = static_cast<size_t>(input_.width) * input_.height;
  for (int c = 0; c < 3; c++)
    FromLanes(colors[c], tile.height, tile.width, picture + c * plane_size, input_.width);
}

}  // namespace ghostcam

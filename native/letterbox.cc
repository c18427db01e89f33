#include "letterbox.h"

#include <algorithm>
#include <cstddef>

namespace ghostcam {
namespace {

struct Source {
  const uint8_t* data;
  int width;
  size_t row_bytes;
  int step;  // bytes between two pixels
};

void Resample(const Source& source, const Axis& horizontal, const Axis& vertical, int y,
              std::vector<float>& mixed, std::vector<float>& row) {
  std::fill(mixed.begin(), mixed.end(), 0.0f);
  for (int k = 0; k < vertical.taps; k++) {
    float weight = vertical.weights[static_cast<size_t>(y) * vertical.taps + k];
    const uint8_t* in = source.data + (vertical.first[y] + k) * source.row_bytes;
    for (int x = 0; x < source.width; x++) mixed[x] += weight * static_cast<float>(in[x * source.step]);
  }
  for (size_t x = 0; x < row.size(); x++) {
    const float* in = mixed.data() + horizontal.first[x];
    const float* weights = horizontal.weights.data() + x * horizontal.taps;
    float sum = 0;
    for (int k = 0; k < horizontal.taps; k++) sum += weights[k] * in[k];
    row[x] = sum;
  }
}

}  // namespace

void Letterbox::FillBorder(float* tensor) const {
  const Geometry& g = geometry_;
  for (int c = 0; c < 3; c++) {
    float value = (input_.pad - input_.mean[c]) / input_.std[c];
    float* plane = tensor + static_cast<size_t>(c) * input_.width * input_.height;
    for (int y = 0; y < input_.height; y++) {
      float* row = plane + static_cast<size_t>(y) * input_.width;
      bool inside = y >= g.top && y < g.top + g.height;
      std::fill(row, row + (inside ? g.left : input_.width), value);
      if (inside) std::fill(row + g.left + g.width, row + input_.width, value);
    }
  }
}

void Letterbox::Prepare(const Frame& frame, float* tensor) {
  if (frame.width == frame_width_ && frame.height == frame_height_ && frame.format == format_) return;
  Geometry geometry = Fit(frame.width, frame.height, input_.width, input_.height);
  if (!(geometry == geometry_)) {
    geometry_ = geometry;
    FillBorder(tensor);
  }
  frame_width_ = frame.width;
  frame_height_ = frame.height;
  format_ = frame.format;
  for (int p = 0; p < 3; p++) {
    // A chroma sample covers 2 x 2 luma pixels, so its plane is the same picture at half the scale.
    bool half = frame.format == PixelFormat::kYuv420p && p > 0;
    int width = half ? (frame.width + 1) / 2 : frame.width,
        height = half ? (frame.height + 1) / 2 : frame.height;
    double scale = half ? 0.5 : 1;
    planes_[p].horizontal = MakeAxis(width, geometry.width, scale * frame.width / geometry.width);
    planes_[p].vertical = MakeAxis(height, geometry.height, scale * frame.height / geometry.height);
    planes_[p].mixed.resize(width);
    planes_[p].row.resize(geometry.width);
  }
}

Geometry Letterbox::operator()(const Frame& frame, float* tensor) {
  Prepare(frame, tensor);
  const Geometry& g = geometry_;
  bool yuv = frame.format == PixelFormat::kYuv420p;
  std::array<Source, 3> sources;
  const uint8_t* data = frame.data;
  for (int p = 0; p < 3; p++) {
    int width = static_cast<int>(planes_[p].mixed.size());
    int height = yuv && p > 0 ? (frame.height + 1) / 2 : frame.height;
    if (yuv) {
      sources[p] = {data, width, static_cast<size_t>(width), 1};
      data += static_cast<size_t>(width) * height;
    } else {
      sources[p] = {frame.data + p, width, static_cast<size_t>(width) * 3, 3};
    }
  }
  float kr = frame.bt709 ? 0.2126f : 0.299f, kb = frame.bt709 ? 0.0722f : 0.114f, kg = 1 - kr - kb;
  float y_gain = frame.full_range ? 1.0f : 255.0f / 219.0f,
        c_gain = frame.full_range ? 1.0f : 255.0f / 224.0f;
  float y_zero = frame.full_range ? 0.0f : 16.0f;
  for (int y = 0; y < g.height; y++) {
    for (int p = 0; p < 3; p++) {
      Resample(sources[p], planes_[p].horizontal, planes_[p].vertical, y, planes_[p].mixed, planes_[p].row);
    }
    for (int x = 0; x < g.width; x++) {
      float a = planes_[0].row[x], b = planes_[1].row[x], c = planes_[2].row[x];
      float rgb[3] = {a, b, c};
      if (yuv) {
        float luma = (a - y_zero) * y_gain, cb = (b - 128) * c_gain, cr = (c - 128) * c_gain;
        rgb[0] = luma + 2 * (1 - kr) * cr;
        rgb[1] = luma - 2 * (1 - kb) * kb / kg * cb - 2 * (1 - kr) * kr / kg * cr;
        rgb[2] = luma + 2 * (1 - kb) * cb;
      }
      for (int p = 0; p < 3; p++) {
        size_t at = (static_cast<size_t>(p) * input_.height + g.top + y) * input_.width + g.left + x;
        tensor[at] = (std::clamp(rgb[p], 0.0f, 255.0f) - input_.mean[p]) / input_.std[p];
      }
    }
  }
  return g;
}

}  // namespace ghostcam

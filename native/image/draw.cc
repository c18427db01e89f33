// Shapes drawn over an RGB picture, for snapshots.
#include "image/draw.h"

#include <algorithm>
#include <cmath>

namespace ghostcam {
namespace {

/// Rows of samples in a row of pixels.
constexpr int kSamples = 4;

/// @param thickness 0..1.
void Blend(uint8_t* pixel, const Ink& ink, float thickness) {
  const float share = thickness * ink.opacity;
  const uint8_t colors[] = {ink.red, ink.green, ink.blue};
  for (int channel = 0; channel < 3; channel++) {
    const float value = static_cast<float>(pixel[channel]);
    pixel[channel] =
        static_cast<uint8_t>(std::lround(value + share * (static_cast<float>(colors[channel]) - value)));
  }
}

/// Where the polygon's edges cross the line at `y`, in order.
void FindCrossings(const std::vector<Point>& corners, float y, std::vector<float>& crossings) {
  crossings.clear();
  for (size_t i = 0; i < corners.size(); i++) {
    const Point &a = corners[i], &b = corners[(i + 1) % corners.size()];
    if ((a.y <= y) != (b.y <= y)) crossings.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
  }
  std::sort(crossings.begin(), crossings.end());
}

/// Adds `weight` times the share of each pixel that lies between two places of a row.
void AddSpan(float from, float to, float weight, std::vector<float>& row) {
  const float end = static_cast<float>(row.size());
  from = std::clamp(from, 0.0f, end), to = std::clamp(to, 0.0f, end);
  if (from >= to) return;
  const size_t first = std::min(static_cast<size_t>(from), row.size() - 1);
  const size_t last = std::min(static_cast<size_t>(to), row.size() - 1);
  if (first == last) {
    row[first] += weight * (to - from);
    return;
  }
  row[first] += weight * (static_cast<float>(first + 1) - from);
  for (size_t x = first + 1; x < last; x++) row[x] += weight;
  row[last] += weight * (to - static_cast<float>(last));
}

}  // namespace

void FillPolygon(const Canvas& canvas, const std::vector<Point>& corners, const Ink& ink) {
  if (corners.empty()) return;
  const auto [highest, lowest] = std::minmax_element(
      corners.begin(), corners.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
  const float limit = static_cast<float>(canvas.height);
  const int first = static_cast<int>(std::clamp(std::floor(highest->y), 0.0f, limit));
  const int end = static_cast<int>(std::clamp(std::ceil(lowest->y), 0.0f, limit));
  std::vector<float> row(static_cast<size_t>(canvas.width)), crossings;
  for (int y = first; y < end; y++) {
    std::fill(row.begin(), row.end(), 0.0f);
    for (int sample = 0; sample < kSamples; sample++) {
      FindCrossings(corners, static_cast<float>(y) + (static_cast<float>(sample) + 0.5f) / kSamples,
                    crossings);
      for (size_t i = 0; i + 1 < crossings.size(); i += 2)
        AddSpan(crossings[i], crossings[i + 1], 1.0f / kSamples, row);
    }
    uint8_t* pixel = canvas.rgb + 3 * static_cast<size_t>(y) * row.size();
    for (float thickness : row) {
      if (thickness > 0) Blend(pixel, ink, std::min(1.0f, thickness));
      pixel += 3;
    }
  }
}

void DrawMask(const Canvas& canvas, int left, int top, int width, int height, const uint8_t* mask,
              const Ink& ink) {
  for (int row = std::max(0, -top); row < std::min(height, canvas.height - top); row++) {
    for (int column = std::max(0, -left); column < std::min(width, canvas.width - left); column++) {
      const uint8_t thickness = mask[static_cast<size_t>(row) * width + column];
      if (thickness == 0) continue;
      const size_t pixel = static_cast<size_t>(top + row) * canvas.width + (left + column);
      Blend(canvas.rgb + 3 * pixel, ink, static_cast<float>(thickness) / 255);
    }
  }
}

}  // namespace ghostcam

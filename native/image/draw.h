// Shapes drawn over an RGB picture, for snapshots.
#pragma once

#include <cstdint>
#include <vector>

namespace ghostcam {

/// rgb24, which the caller owns.
struct Canvas {
  uint8_t* rgb;
  int width, height;
};

struct Ink {
  uint8_t red, green, blue;
  /// 0..1, which nothing shines through.
  float opacity;
};

/// In pixels; pixel 0 lies between 0 and 1.
struct Point {
  float x, y;
};

/// Fills a polygon by the even-odd rule, with smooth edges. Parts outside the canvas are left out.
/// Coordinates are finite.
void FillPolygon(const Canvas& canvas, const std::vector<Point>& corners, const Ink& ink);

/// Lays `ink` over the rectangle with this upper left corner as thickly as `mask` says: height rows of width
/// bytes, 255 the thickest. Parts outside the canvas are left out.
void DrawMask(const Canvas& canvas, int left, int top, int width, int height, const uint8_t* mask,
              const Ink& ink);

}  // namespace ghostcam

// The letterbox behind a C function, for bench.py.
#include <memory>

#include "image/letterbox.h"

extern "C" {

ghostcam::Letterbox* letterbox_new(int width, int height) {
  return new ghostcam::Letterbox({"images", width, height, {0, 0, 0}, {255, 255, 255}, 114});
}
void letterbox_free(ghostcam::Letterbox* letterbox) { delete letterbox; }

void letterbox_run(ghostcam::Letterbox* letterbox, const uint8_t* data, int is_rgb, int width, int height,
                   float* tensor) {
  auto format = is_rgb ? ghostcam::PixelFormat::kRgb24 : ghostcam::PixelFormat::kYuv420p;
  (*letterbox)({data, format, width, height, false, false}, {0, 0, width, height}, tensor);
}
}

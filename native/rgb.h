#pragma once

#include <cstdint>

#include "frame.h"

namespace ghostcam {

/// The frame as rgb24, of 3 * width * height bytes, with the very colours that the model is shown.
void ToRgb(const Frame& frame, uint8_t* rgb);

}  // namespace ghostcam

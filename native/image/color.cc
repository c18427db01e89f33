// The colour conversion of a frame.
#include "image/color.h"

namespace ghostcam {
namespace {

/// RGB = gain * YCbCr + offset, for values 0..255.
struct Matrix {
  double gain[3][3];
  double offset[3];
};

Matrix YcbcrToRgb(bool bt709, bool full_range) {
  // Luma coefficients of red and blue: BT.601-7 section 2.5.1, BT.709-6 section 3.2.
  const double kr = bt709 ? 0.2126 : 0.299, kb = bt709 ? 0.0722 : 0.114, kg = 1 - kr - kb;
  // Quantisation: 16..235 and 16..240 around 128, or all of 0..255 (JPEG, JFIF 1.02).
  const double luma = full_range ? 1 : 255.0 / 219, chroma = full_range ? 1 : 255.0 / 224;
  const double zero = full_range ? 0 : 16;
  const double red_cr = 2 * (1 - kr) * chroma, blue_cb = 2 * (1 - kb) * chroma;
  Matrix matrix{{{luma, 0, red_cr}, {luma, -blue_cb * kb / kg, -red_cr * kr / kg}, {luma, blue_cb, 0}}, {}};
  for (int c = 0; c < 3; c++) {
    matrix.offset[c] = -luma * zero - 128 * (matrix.gain[c][1] + matrix.gain[c][2]);
  }
  return matrix;
}

}  // namespace

ColorTransform MakeColorTransform(const Frame& frame, const InputSpec& input) {
  constexpr Matrix kIdentity{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {}};
  const Matrix matrix =
      frame.format == PixelFormat::kRgb24 ? kIdentity : YcbcrToRgb(frame.bt709, frame.full_range);
  ColorTransform transform;
  for (int c = 0; c < 3; c++) {
    const double mean = input.mean[c], std = input.std[c];
    for (int i = 0; i < 3; i++) transform.gain[c][i] = static_cast<float>(matrix.gain[c][i] / std);
    transform.offset[c] = static_cast<float>((matrix.offset[c] - mean) / std);
    transform.low[c] = static_cast<float>((0 - mean) / std);
    transform.high[c] = static_cast<float>((255 - mean) / std);
  }
  return transform;
}

}  // namespace ghostcam

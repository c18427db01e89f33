#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ghostcam {

/// How much of a camera's picture is not as it has been lately: a running average of each part of the picture
/// is compared with the newest frame, the oldest way to subtract a background (Piccardi, "Background
/// subtraction techniques: a review", IEEE SMC 2004). A part counts as changed when it differs by more than
/// its own usual noise, after the brightness of the whole picture has been evened out. Copies nothing from a
/// frame but averages.
class Motion {
 public:
  /// What Update() returns when there is nothing to compare with: for the first frame, or one of a new size.
  static constexpr double kUnknown = -1;

  /// The share of the picture that changed, 0..1. `luma` has width * height bytes, `seconds` have passed
  /// since the last call. `learn`: what changes now is of no interest (leaves, a clock in the picture), and
  /// is to count less.
  double Update(const uint8_t* luma, int width, int height, double seconds, bool learn);

  /// Parts of the picture in which nothing counts: kMaskSide rows of as many bytes, not 0 where masked.
  /// Empty: none.
  void SetMask(std::vector<uint8_t> mask) { mask_ = std::move(mask); }
  static constexpr int kMaskSide = 64;

 private:
  void Reset(int width, int height);
  void Average(const uint8_t* luma);
  float CommonShift() const;
  size_t CountChanged() const;
  bool Masked(int column, int row) const;

  int width_ = 0;
  int height_ = 0;
  int cell_ = 0;  // pixels on a side
  int columns_ = 0;
  int rows_ = 0;
  std::vector<uint8_t> mask_;
  std::vector<uint16_t> sums_;  // of `cell_` rows, by pixel column
  // By cell:
  std::vector<float> now_;
  std::vector<float> background_;
  std::vector<float> noise_;  // usual distance from the background
  std::vector<uint8_t> changed_;
};

}  // namespace ghostcam

#include "motion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace ghostcam {
namespace {

/// Cells along the longer side. A cell averages the noise of its pixels away, and is small against the
/// smallest object that a detector of 320 pixels finds.
constexpr int kCells = 80;
/// Grey levels that a cell may differ by whatever its noise: what H.264 leaves of a picture that stands
/// still. See test/bench/motion for this and the next.
constexpr float kFloor = 6;
/// How many times its noise a cell may differ by.
constexpr float kNoises = 4;
/// No more noise than this is believed: a person in front of leaves in the wind must still be seen.
constexpr float kMaxNoise = 6;
/// Seconds in which the background follows the picture, and the noise what was learnt of it.
constexpr double kBackgroundSeconds = 5;
constexpr double kNoiseSeconds = 30;
/// From this share on it is another picture (a light was switched, the camera turned), which is the
/// background to come.
constexpr double kNewPicture = 0.5;

/// Share by which an average that follows in `constant` seconds moves in `seconds`.
float Rate(double seconds, double constant) {
  return static_cast<float>(1 - std::exp(-std::max(0.0, seconds) / constant));
}

}  // namespace

double Motion::Update(const uint8_t* luma, int width, int height, double seconds, bool learn) {
  const bool first = width != width_ || height != height_;
  if (first) Reset(width, height);
  Average(luma);
  if (first) {
    background_ = now_;
    return kUnknown;
  }
  const float shift = CommonShift();
  const float follow = Rate(seconds, kBackgroundSeconds), learn_rate = Rate(seconds, kNoiseSeconds);
  for (size_t i = 0; i < now_.size(); i++) {
    const float difference = now_[i] - background_[i];
    const float distance = std::abs(difference - shift);
    changed_[i] = distance > kFloor + kNoises * noise_[i];
    if (learn || !changed_[i]) {
      noise_[i] = std::min(kMaxNoise, noise_[i] + learn_rate * (distance - noise_[i]));
    }
    background_[i] += follow * difference;
  }
  const double share = static_cast<double>(CountChanged()) / static_cast<double>(now_.size());
  if (share >= kNewPicture) background_ = now_;
  return share;
}

void Motion::Reset(int width, int height) {
  width_ = width, height_ = height;
  cell_ = std::clamp(std::max(width, height) / kCells, 1, std::min(width, height));
  columns_ = width / cell_, rows_ = height / cell_;
  const size_t cells = static_cast<size_t>(columns_) * rows_;
  sums_.resize(static_cast<size_t>(columns_) * cell_);
  now_.resize(cells);
  changed_.resize(cells);
  noise_.assign(cells, 0);
}

/// The mean of each cell into now_. What is left over at the right and at the bottom is less than a cell.
void Motion::Average(const uint8_t* luma) {
  const float scale = 1.0f / static_cast<float>(cell_ * cell_);
  for (int row = 0; row < rows_; row++) {
    std::fill(sums_.begin(), sums_.end(), 0);
    for (int y = row * cell_; y < (row + 1) * cell_; y++) {
      const uint8_t* line = luma + static_cast<size_t>(y) * width_;
      for (size_t x = 0; x < sums_.size(); x++) sums_[x] = static_cast<uint16_t>(sums_[x] + line[x]);
    }
    for (int column = 0; column < columns_; column++) {
      const auto begin = sums_.begin() + column * cell_;
      now_[static_cast<size_t>(row) * columns_ + column] =
          static_cast<float>(std::accumulate(begin, begin + cell_, 0)) * scale;
    }
  }
}

/// By how much most of the picture became brighter: the median, which an object does not move.
float Motion::CommonShift() const {
  std::array<size_t, 511> histogram{};
  for (size_t i = 0; i < now_.size(); i++) {
    histogram[static_cast<size_t>(std::lround(now_[i] - background_[i]) + 255)]++;
  }
  size_t seen = 0;
  for (size_t bin = 0;; bin++) {
    seen += histogram[bin];
    if (2 * seen >= now_.size()) return static_cast<float>(bin) - 255;
  }
}

/// A changed cell counts when one beside it changed as well: noise is lonely.
size_t Motion::CountChanged() const {
  size_t count = 0;
  for (int y = 0; y < rows_; y++) {
    for (int x = 0; x < columns_; x++) {
      const size_t i = static_cast<size_t>(y) * columns_ + x;
      count += changed_[i] && !Masked(x, y) &&
               ((x > 0 && changed_[i - 1]) || (x + 1 < columns_ && changed_[i + 1]) ||
                (y > 0 && changed_[i - columns_]) || (y + 1 < rows_ && changed_[i + columns_]));
    }
  }
  return count;
}

bool Motion::Masked(int column, int row) const {
  if (mask_.empty()) return false;
  const int x = (2 * column + 1) * kMaskSide / (2 * columns_), y = (2 * row + 1) * kMaskSide / (2 * rows_);
  return mask_[static_cast<size_t>(y) * kMaskSide + x] != 0;
}

}  // namespace ghostcam

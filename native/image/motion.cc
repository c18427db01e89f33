// Motion detection by background subtraction.
#include "image/motion.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "image/multiversion.h"

namespace ghostcam {
namespace {

/// Cells along the longer side: large enough to average out the noise of pixels, and smaller than the
/// smallest object that a detector with an input of 320 pixels finds.
constexpr int kCells = 80;
/// A cell changes only when it differs by more grey levels than kFloor + kNoiseMultiple * noise. The floor is
/// what H.264's quantisation makes of a scene in which nothing moves.
constexpr float kFloor = 6;
constexpr float kNoiseMultiple = 4;
/// Upper bound of a cell's noise, so that a person in front of leaves in the wind is still detected.
constexpr float kMaxNoise = 6;
/// Time constants of the running averages, in seconds.
constexpr double kBackgroundSeconds = 5;
constexpr double kNoiseSeconds = 30;
/// Share of changed cells from which the scene is a new one (a light was switched, the camera was turned),
/// and the frame becomes the background.
constexpr double kNewScene = 0.5;

/// Adds a row of pixels to the sums of its columns.
GHOSTCAM_MULTIVERSION void AddRow(const uint8_t* row, size_t count, uint16_t* sums) {
  for (size_t i = 0; i < count; i++) sums[i] = static_cast<uint16_t>(sums[i] + row[i]);
}

/// means[i] = the sum of the `side` values of sums from i * side on, times `scale`.
GHOSTCAM_MULTIVERSION void CellMeans(const uint16_t* sums, int side, float scale, int count, float* means) {
  for (int i = 0; i < count; i++) {
    int sum = 0;
    for (int k = 0; k < side; k++) sum += sums[i * side + k];
    means[i] = static_cast<float>(sum) * scale;
  }
}

/// The weight of a new value in an exponential moving average with this time constant, after so many seconds.
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
    std::fill(counts_.begin(), counts_.end(), 0);
    return kUnknown;
  }
  const float shift = CommonShift();
  const float follow = Rate(seconds, kBackgroundSeconds), learn_rate = Rate(seconds, kNoiseSeconds);
  for (size_t i = 0; i < now_.size(); i++) {
    const float difference = now_[i] - background_[i];
    const float distance = std::abs(difference - shift);
    excess_[i] = distance / (kFloor + kNoiseMultiple * noise_[i]);
    if (learn || excess_[i] <= 1) {
      noise_[i] = std::min(kMaxNoise, noise_[i] + learn_rate * (distance - noise_[i]));
    }
    background_[i] += follow * difference;
  }
  const double share = static_cast<double>(CountChanged()) / static_cast<double>(now_.size());
  if (share >= kNewScene) background_ = now_;
  return share;
}

void Motion::Reset(int width, int height) {
  width_ = width, height_ = height;
  cell_ = std::clamp(std::max(width, height) / kCells, 1, std::min(width, height));
  columns_ = width / cell_, rows_ = height / cell_;
  const size_t cells = static_cast<size_t>(columns_) * rows_;
  sums_.resize(static_cast<size_t>(columns_) * cell_);
  now_.resize(cells);
  excess_.resize(cells);
  counts_.resize(cells);
  noise_.assign(cells, 0);
}

/// Writes the mean of each cell to now_. The right and bottom margins, narrower than a cell, are left out.
void Motion::Average(const uint8_t* luma) {
  const float scale = 1.0f / static_cast<float>(cell_ * cell_);
  for (int row = 0; row < rows_; row++) {
    std::fill(sums_.begin(), sums_.end(), 0);
    for (int y = row * cell_; y < (row + 1) * cell_; y++) {
      AddRow(luma + static_cast<size_t>(y) * width_, sums_.size(), sums_.data());
    }
    CellMeans(sums_.data(), cell_, scale, columns_, &now_[static_cast<size_t>(row) * columns_]);
  }
}

/// The change of brightness common to most cells: the median, which an object in a part of the picture does
/// not shift.
float Motion::CommonShift() const {
  std::array<size_t, 511> histogram{};
  for (size_t i = 0; i < now_.size(); i++) {
    // Both are 0..255, so that this rounds.
    histogram[static_cast<size_t>(now_[i] - background_[i] + 255.5f)]++;
  }
  size_t seen = 0;
  for (size_t bin = 0;; bin++) {
    seen += histogram[bin];
    if (2 * seen >= now_.size()) return static_cast<float>(bin) - 255;
  }
}

/// The number of changed cells with a changed neighbour. Noise rarely changes two neighbouring cells at once.
size_t Motion::CountChanged() {
  const auto changed = [this](size_t i) { return excess_[i] > 1; };
  size_t count = 0;
  for (int y = 0; y < rows_; y++) {
    for (int x = 0; x < columns_; x++) {
      const size_t i = static_cast<size_t>(y) * columns_ + x;
      counts_[i] = changed(i) && !Masked(x, y) &&
                   ((x > 0 && changed(i - 1)) || (x + 1 < columns_ && changed(i + 1)) ||
                    (y > 0 && changed(i - columns_)) || (y + 1 < rows_ && changed(i + columns_)));
      count += counts_[i];
    }
  }
  return count;
}

Motion::Cells Motion::ChangedCells() const {
  Cells cells{cell_, columns_, {}};
  for (int y = 0; y < rows_; y++) {
    for (int x = 0; x < columns_; x++) {
      const size_t i = static_cast<size_t>(y) * columns_ + x;
      if (!counts_[i]) continue;
      if (x == 0 || !counts_[i - 1]) {
        cells.runs.push_back(static_cast<int>(i));
        cells.runs.push_back(0);
      }
      cells.runs.back()++;
    }
  }
  return cells;
}

const std::vector<MotionBox>& Motion::Boxes() {
  boxes_.clear();
  unboxed_ = counts_;
  for (int i = 0; i < columns_ * rows_; i++) {
    if (unboxed_[i]) boxes_.push_back(BoxAround(i));
  }
  const auto stronger = [](const MotionBox& a, const MotionBox& b) { return a.strength > b.strength; };
  std::stable_sort(boxes_.begin(), boxes_.end(), stronger);
  if (boxes_.size() > kMaxBoxes) boxes_.resize(kMaxBoxes);
  return boxes_;
}

/// The group of a cell: all that count and are joined to it by sides or corners. None of them is unboxed
/// after that.
MotionBox Motion::BoxAround(int cell) {
  int left = columns_, top = rows_, right = 0, bottom = 0;
  float strength = 0;
  unboxed_[cell] = 0;
  group_.assign(1, cell);
  for (size_t next = 0; next < group_.size(); next++) {
    const int at = group_[next], y = at / columns_, x = at - y * columns_;
    left = std::min(left, x), right = std::max(right, x + 1);
    top = std::min(top, y), bottom = std::max(bottom, y + 1);
    strength += excess_[at];
    const int begin = std::max(0, x - 1), end = std::min(columns_, x + 2);
    for (int v = std::max(0, y - 1), last = std::min(rows_, y + 2); v < last; v++) {
      for (int neighbour = v * columns_ + begin; neighbour < v * columns_ + end; neighbour++) {
        if (!unboxed_[neighbour]) continue;
        unboxed_[neighbour] = 0;
        group_.push_back(neighbour);
      }
    }
  }
  return {left * cell_, top * cell_, right * cell_, bottom * cell_, strength};
}

bool Motion::Masked(int column, int row) const {
  if (mask_.empty()) return false;
  const int x = (2 * column + 1) * kMaskSide / (2 * columns_), y = (2 * row + 1) * kMaskSide / (2 * rows_);
  return mask_[static_cast<size_t>(y) * kMaskSide + x] != 0;
}

}  // namespace ghostcam

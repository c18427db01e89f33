// Motion detection by background subtraction.
#include "image/motion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

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

/// See CellMeans; kSide is side where it is known to the compiler, which then makes vectors of it, else 0.
template <int kSide>
GHOSTCAM_INLINE void CellMeansOf(const uint16_t* sums, int side, float scale, int count, float* means) {
  const int length = kSide == 0 ? side : kSide;
  for (int i = 0; i < count; i++) {
    int sum = 0;
    for (int k = 0; k < length; k++) sum += sums[i * length + k];
    means[i] = static_cast<float>(sum) * scale;
  }
}

/// means[i] = the sum of the `side` values of sums from i * side on, times `scale`.
GHOSTCAM_MULTIVERSION void CellMeans(const uint16_t* sums, int side, float scale, int count, float* means) {
  switch (side) {  // of pictures 320, 640 and 1280 pixels wide
    case 4:
      return CellMeansOf<4>(sums, side, scale, count, means);
    case 8:
      return CellMeansOf<8>(sums, side, scale, count, means);
    case 16:
      return CellMeansOf<16>(sums, side, scale, count, means);
    default:
      return CellMeansOf<0>(sums, side, scale, count, means);
  }
}

/// How the running averages take in a frame.
struct Step {
  /// The change of brightness that is common to most cells.
  float shift;
  /// Weights of the new value: in the background, in the noise.
  float follow, learn;
  /// Whether changed cells' noise is updated as well.
  bool learn_changed;
};

/// Takes in a row of `count` cells: updates background and noise, sets excess and whether each has changed.
GHOSTCAM_MULTIVERSION void TakeIn(const float* __restrict now, int count, Step step,
                                  float* __restrict background, float* __restrict noise,
                                  float* __restrict excess, uint8_t* __restrict changed) {
  for (int i = 0; i < count; i++) {
    const float difference = now[i] - background[i];
    const float distance = std::abs(difference - step.shift);
    const float times = distance / (kFloor + kNoiseMultiple * noise[i]);
    const float learnt = std::min(kMaxNoise, noise[i] + step.learn * (distance - noise[i]));
    noise[i] = step.learn_changed || times <= 1 ? learnt : noise[i];
    background[i] += step.follow * difference;
    excess[i] = times;
    changed[i] = times > 1;
  }
}

/// counts[i] = whether cell i counts: it is `open`, has changed and so has one beside, above or below it.
/// `changed` has a cell before and behind the row, and rows above and below it at a distance of `stride`.
/// Returns how many count.
GHOSTCAM_MULTIVERSION size_t CountRow(const uint8_t* __restrict changed, int stride,
                                      const uint8_t* __restrict open, int count, uint8_t* __restrict counts) {
  uint32_t sum = 0;
  for (int i = 0; i < count; i++) {
    const int beside = changed[i - 1] | changed[i + 1] | changed[i - stride] | changed[i + stride];
    counts[i] = static_cast<uint8_t>(changed[i] & open[i] & beside);
  }
  for (int i = 0; i < count; i++) sum += counts[i];
  return sum;
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
  const Step step{CommonShift(), Rate(seconds, kBackgroundSeconds), Rate(seconds, kNoiseSeconds), learn};
  for (int row = 0; row < rows_; row++) {
    const size_t at = static_cast<size_t>(row) * columns_;
    TakeIn(&now_[at], columns_, step, &background_[at], &noise_[at], &excess_[at], ChangedRow(row));
  }
  const double share = static_cast<double>(CountChanged()) / static_cast<double>(now_.size());
  if (share >= kNewScene) background_ = now_;
  return share;
}

void Motion::SetMask(std::vector<uint8_t> mask) {
  mask_ = std::move(mask);
  OpenCells();
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
  changed_.assign(static_cast<size_t>(columns_ + 2) * (rows_ + 2), 0);
  OpenCells();
}

void Motion::OpenCells() {
  open_.assign(static_cast<size_t>(columns_) * rows_, 1);
  if (mask_.empty()) return;
  for (size_t i = 0; i < open_.size(); i++) {
    const int column = static_cast<int>(i) % columns_, row = static_cast<int>(i) / columns_;
    const int x = (2 * column + 1) * kMaskSide / (2 * columns_);
    const int y = (2 * row + 1) * kMaskSide / (2 * rows_);
    open_[i] = mask_[static_cast<size_t>(y) * kMaskSide + x] == 0;
  }
}

uint8_t* Motion::ChangedRow(int row) { return &changed_[static_cast<size_t>(row + 1) * (columns_ + 2) + 1]; }

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
  // Most cells fall into one bin: counted in one place, each would wait for the one before it.
  std::array<std::array<uint32_t, 511>, 4> histograms{};
  for (size_t i = 0; i < now_.size(); i++) {
    // Both are 0..255, so that this rounds.
    histograms[i % 4][static_cast<size_t>(now_[i] - background_[i] + 255.5f)]++;
  }
  size_t seen = 0;
  for (size_t bin = 0;; bin++) {
    for (const auto& histogram : histograms) seen += histogram[bin];
    if (2 * seen >= now_.size()) return static_cast<float>(bin) - 255;
  }
}

/// The number of changed cells with a changed neighbour. Noise rarely changes two neighbouring cells at once.
size_t Motion::CountChanged() {
  size_t count = 0;
  for (int row = 0; row < rows_; row++) {
    const size_t at = static_cast<size_t>(row) * columns_;
    count += CountRow(ChangedRow(row), columns_ + 2, &open_[at], columns_, &counts_[at]);
  }
  return count;
}

void Motion::FindRuns() {
  runs_.clear();
  for (int row = 0; row < rows_; row++) {
    const uint8_t* counts = &counts_[static_cast<size_t>(row) * columns_];
    const auto next = [&](int from, int value) {
      const void* found = std::memchr(counts + from, value, static_cast<size_t>(columns_ - from));
      return found ? static_cast<int>(static_cast<const uint8_t*>(found) - counts) : columns_;
    };
    for (int begin = next(0, 1), end; begin < columns_; begin = next(end, 1)) {
      end = next(begin, 0);
      runs_.push_back({row, begin, end});
    }
  }
}

Motion::Cells Motion::ChangedCells() {
  FindRuns();
  Cells cells{cell_, columns_, {}};
  for (const Run& run : runs_) {
    cells.runs.push_back(run.row * columns_ + run.begin);
    cells.runs.push_back(run.end - run.begin);
  }
  return cells;
}

/// Runs of cells are joined row by row (Rosenfeld and Pfaltz, "Sequential operations in digital picture
/// processing", Journal of the ACM 13, 1966); a group's box is kept with its first run.
const std::vector<MotionBox>& Motion::Boxes() {
  FindRuns();
  boxes_.clear();
  first_.clear();
  size_t above = 0;
  for (size_t i = 0; i < runs_.size(); i++) {
    const Run& run = runs_[i];
    const float* excess = &excess_[static_cast<size_t>(run.row) * columns_];
    boxes_.push_back({run.begin, run.row, run.end, run.row + 1,
                      std::accumulate(excess + run.begin, excess + run.end, 0.0f)});
    first_.push_back(i);
    // Runs of the row above that end before this one touch none of this row any more.
    const auto before = [&run](const Run& other) {
      return other.row < run.row - 1 || (other.row == run.row - 1 && other.end < run.begin);
    };
    while (before(runs_[above])) above++;
    for (size_t j = above; runs_[j].row < run.row && runs_[j].begin <= run.end; j++) Join(j, i);
  }
  size_t kept = 0;
  for (size_t i = 0; i < runs_.size(); i++) {
    if (first_[i] == i) boxes_[kept++] = boxes_[i];
  }
  boxes_.resize(kept);
  const auto stronger = [](const MotionBox& a, const MotionBox& b) { return a.strength > b.strength; };
  std::stable_sort(boxes_.begin(), boxes_.end(), stronger);
  if (boxes_.size() > kMaxBoxes) boxes_.resize(kMaxBoxes);
  for (MotionBox& box : boxes_) box.x1 *= cell_, box.y1 *= cell_, box.x2 *= cell_, box.y2 *= cell_;
  return boxes_;
}

size_t Motion::FirstOf(size_t run) {
  while (first_[run] != run) run = first_[run] = first_[first_[run]];
  return run;
}

void Motion::Join(size_t a, size_t b) {
  const auto [first, other] = std::minmax({FirstOf(a), FirstOf(b)});
  if (first == other) return;
  first_[other] = first;
  MotionBox& box = boxes_[first];
  const MotionBox& added = boxes_[other];
  box.x1 = std::min(box.x1, added.x1), box.y1 = std::min(box.y1, added.y1);
  box.x2 = std::max(box.x2, added.x2), box.y2 = std::max(box.y2, added.y2);
  box.strength += added.strength;
}

}  // namespace ghostcam

// Motion detection by background subtraction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ghostcam {

/// A part of the picture that changed, in pixels; x2 and y2 are exclusive.
struct MotionBox {
  int x1, y1, x2, y2;
  /// The sum over its changed cells of how many times each one's limit was exceeded.
  float strength;
};

/// Background subtraction by running averages (Piccardi, "Background subtraction techniques: a review", IEEE
/// SMC 2004). The picture is divided into square cells; a cell has changed when its mean differs from its
/// running average by more than a floor and a multiple of its own noise, after a change of brightness common
/// to all cells is subtracted. Keeps averages only, no pixels. Used by one thread at a time.
class Motion {
 public:
  /// Update()'s result for the first frame and for a frame of a new size, which have no background yet.
  static constexpr double kUnknown = -1;

  /// Compares a frame with the background and updates the background with it. Returns the share of the cells
  /// that changed, 0..1, or kUnknown. `luma` has height rows of width bytes; both sides are 1..kMaxFrameSide.
  /// `seconds` is the time since the last call; a negative time or NaN counts as 0. `learn`: changes in this
  /// frame are noise (leaves, a clock in the picture), and the noise of changed cells is updated as well.
  double Update(const uint8_t* luma, int width, int height, double seconds, bool learn);

  /// Square cells of the last frame whose change counted, in runs along their rows: of each run the index of
  /// its first cell, row by row, and its length.
  struct Cells {
    int side = 0;  // pixels
    int columns = 0;
    std::vector<int> runs;
  };
  Cells ChangedCells();

  /// Where the last frame changed: a box around each group of connected changed cells, the strongest first,
  /// at most kMaxBoxes of them. They are valid until the next call.
  const std::vector<MotionBox>& Boxes();
  static constexpr size_t kMaxBoxes = 32;

  /// Excludes parts of the picture: kMaskSide rows of kMaskSide bytes, stretched over the picture, not 0
  /// where masked. An empty mask excludes nothing.
  void SetMask(std::vector<uint8_t> mask);
  static constexpr int kMaskSide = 64;

 private:
  /// Cells of a row that count and lie side by side, from begin to before end.
  struct Run {
    int row, begin, end;
  };

  void Reset(int width, int height);
  void OpenCells();
  void Average(const uint8_t* luma);
  float CommonShift() const;
  uint8_t* ChangedRow(int row);
  size_t CountChanged();
  void FindRuns();
  size_t FirstOf(size_t run);
  void Join(size_t a, size_t b);

  int width_ = 0;
  int height_ = 0;
  int cell_ = 0;  // pixels on a cell's side
  int columns_ = 0;
  int rows_ = 0;
  std::vector<uint8_t> mask_;
  std::vector<uint16_t> sums_;  // of one row of cells, by pixel column
  // Of each cell:
  std::vector<float> now_;
  std::vector<float> background_;
  std::vector<float> noise_;      // running average of the distance from the background
  std::vector<float> excess_;     // the distance, in multiples of its limit
  std::vector<uint8_t> changed_;  // whether it exceeds that; with a border of cells that do not
  std::vector<uint8_t> open_;     // whether it lies in no mask
  std::vector<uint8_t> counts_;   // whether its change counts
  // Of ChangedCells() and Boxes(), row by row:
  std::vector<Run> runs_;
  std::vector<size_t> first_;     // a run of the same group that comes before each, or itself
  std::vector<MotionBox> boxes_;  // first those of the runs, in cells
};

}  // namespace ghostcam

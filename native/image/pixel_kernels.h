// The letterbox's inner loops over rows of pixels, written for the compiler's auto-vectoriser.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ghostcam {

/// Rows that the general resampler filters at once, one in each lane of a vector register, so that no lane
/// reads a neighbour's pixel.
constexpr int kLanes = 8;

/// The transform of three colour planes into the three normalised planes of the tensor:
/// out[c] = clamp(sum over i of gain[c][i] * in[i] + offset[c], low[c], high[c]).
struct ColorTransform {
  float gain[3][3];
  float offset[3];
  float low[3];
  float high[3];
};

/// out[i] = sum over k < taps of weights[k] * rows[k * row_bytes + i], i < count.
void MixRows(const uint8_t* rows, size_t row_bytes, const float* weights, int taps, int count, float* out);

/// Doubles a row's length, bilinear with half-pixel centres: `out` has `count` values, `in` has (count + 1) /
/// 2.
void EnlargeTwice(const float* in, int count, float* out);

/// Transforms planes of `count` values. `out` may have any alignment, and may be `in`.
void TransformColors(const float* const in[3], int count, const ColorTransform& transform,
                     float* const out[3]);

/// Transforms `count` interleaved pixels, in[3 * i + colour], into planes.
void TransformInterleaved(const float* in, int count, const ColorTransform& transform, float* const out[3]);

/// Transposes kLanes rows: out[i * kLanes + lane] = in[lane * stride + i], i < count.
void ToLanes(const float* in, size_t stride, int count, float* out);

/// The inverse, for the first `lanes`: out[lane * stride + i] = in[i * kLanes + lane].
void FromLanes(const float* in, int lanes, int count, float* out, size_t stride);

/// Resamples kLanes rows along their length: out[i] = sum over k < taps of weights[i * taps + k] *
/// in[(first[i] + k) * step], each a vector of kLanes, i < count.
void ResampleLanes(const float* in, int step, const int* first, const float* weights, int taps, int count,
                   float* out);

}  // namespace ghostcam

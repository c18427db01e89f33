// The letterbox's inner loops over rows of pixels.
#include "image/pixel_kernels.h"

#include "image/multiversion.h"

// Pixels are never NaN and the sign of a zero does not matter, so the compiler may make a clamp two
// instructions.
#pragma GCC optimize("finite-math-only", "no-signed-zeros", "no-trapping-math")

namespace ghostcam {
namespace {

GHOSTCAM_INLINE float Clamp(float value, float low, float high) {
  value = value < low ? low : value;
  return value > high ? high : value;
}

GHOSTCAM_INLINE float Transformed(const ColorTransform& t, int c, float x, float y, float z) {
  return Clamp(t.gain[c][0] * x + t.gain[c][1] * y + t.gain[c][2] * z + t.offset[c], t.low[c], t.high[c]);
}

}  // namespace

GHOSTCAM_MULTIVERSION
void MixRows(const uint8_t* rows, size_t row_bytes, const float* weights, int taps, int count,
             float* __restrict out) {
  // A block's sums stay in registers while the rows are added up. The last block ends with the row and may
  // overlap the one before; only rows shorter than a block are left to the loop at the end.
  constexpr int kBlock = 64;
  // Bytes by which a row is prefetched. The processor's own prefetcher does not follow dozens of rows at
  // once; without this a frame of 1080 lines takes twice as long.
  constexpr int kPrefetch = 256;
  for (int next = 0; next < count && count >= kBlock; next += kBlock) {
    const int start = next < count - kBlock ? next : count - kBlock;
    float sums[kBlock] = {};
    for (int k = 0; k < taps; k++) {
      const uint8_t* row = rows + k * row_bytes + start;
      __builtin_prefetch(row + kPrefetch);
      for (int j = 0; j < kBlock; j++) sums[j] += weights[k] * static_cast<float>(row[j]);
    }
    for (int j = 0; j < kBlock; j++) out[start + j] = sums[j];
  }
  if (count >= kBlock) return;
  for (int i = 0; i < count; i++) {
    float sum = 0;
    for (int k = 0; k < taps; k++) sum += weights[k] * static_cast<float>(rows[k * row_bytes + i]);
    out[i] = sum;
  }
}

GHOSTCAM_MULTIVERSION
void EnlargeTwice(const float* __restrict in, int count, float* __restrict out) {
  // Output 2i lies a quarter of an input pixel left of input i, output 2i + 1 a quarter right of it.
  int inputs = (count + 1) / 2;
  out[0] = in[0];
  for (int i = 0; i + 1 < inputs; i++) {
    out[2 * i + 1] = 0.75f * in[i] + 0.25f * in[i + 1];
    out[2 * i + 2] = 0.25f * in[i] + 0.75f * in[i + 1];
  }
  if (count % 2 == 0) out[count - 1] = in[inputs - 1];
}

GHOSTCAM_MULTIVERSION
void TransformColors(const float* const in[3], int count, const ColorTransform& transform,
                     float* const out[3]) {
  const ColorTransform t = transform;
  const float *x = in[0], *y = in[1], *z = in[2];
  float *r = out[0], *g = out[1], *b = out[2];
#pragma GCC ivdep
  for (int i = 0; i < count; i++) {
    float a = x[i], u = y[i], v = z[i];
    r[i] = Transformed(t, 0, a, u, v);
    g[i] = Transformed(t, 1, a, u, v);
    b[i] = Transformed(t, 2, a, u, v);
  }
}

GHOSTCAM_MULTIVERSION
void TransformInterleaved(const float* __restrict in, int count, const ColorTransform& transform,
                          float* const out[3]) {
  const ColorTransform t = transform;
  float *r = out[0], *g = out[1], *b = out[2];
#pragma GCC ivdep
  for (int i = 0; i < count; i++) {
    float x = in[3 * i], y = in[3 * i + 1], z = in[3 * i + 2];
    r[i] = Transformed(t, 0, x, y, z);
    g[i] = Transformed(t, 1, x, y, z);
    b[i] = Transformed(t, 2, x, y, z);
  }
}

GHOSTCAM_MULTIVERSION
void ToLanes(const float* __restrict in, size_t stride, int count, float* __restrict out) {
  for (int i = 0; i < count; i++) {
    for (int lane = 0; lane < kLanes; lane++) out[i * kLanes + lane] = in[lane * stride + i];
  }
}

GHOSTCAM_MULTIVERSION
void FromLanes(const float* __restrict in, int lanes, int count, float* __restrict out, size_t stride) {
  for (int lane = 0; lane < lanes; lane++) {
    for (int i = 0; i < count; i++) out[lane * stride + i] = in[i * kLanes + lane];
  }
}

GHOSTCAM_MULTIVERSION
void ResampleLanes(const float* __restrict in, int step, const int* first, const float* weights, int taps,
                   int count, float* __restrict out) {
  for (int i = 0; i < count; i++) {
    const float* pixel = in + static_cast<size_t>(first[i] - first[0]) * step * kLanes;
    float sums[kLanes] = {};
    for (int k = 0; k < taps; k++) {
      for (int lane = 0; lane < kLanes; lane++) sums[lane] += weights[k] * pixel[lane];
      pixel += step * kLanes;
    }
    for (int lane = 0; lane < kLanes; lane++) out[lane] = sums[lane];
    weights += taps;
    out += kLanes;
  }
}

}  // namespace ghostcam

// A fuzzer's bytes, read as numbers and buffers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <vector>

namespace ghostcam::fuzz {

/// Reads the bytes from the front; after the last one, zeros.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  /// Any value of a number's type: every bit pattern, NaN and infinities included.
  template <typename Number>
  Number Any() {
    Number number{};
    const size_t count = std::min(sizeof number, size_);
    if (count > 0) std::memcpy(&number, data_, count);
    data_ += count, size_ -= count;
    return number;
  }

  /// An integer from `least` to `most`.
  int Between(int least, int most) {
    const uint64_t range = static_cast<uint64_t>(int64_t{most} - least) + 1;
    return static_cast<int>(least + static_cast<int64_t>(Any<uint32_t>() % range));
  }

  bool Bool() { return Any<uint8_t>() % 2 == 1; }

  /// Any integer, with those that programs fail at more often than by chance: usual sizes, 0, -1 and the
  /// extremes.
  int Integer(int usual) {
    constexpr int kEdges[] = {0, -1, 1, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()};
    const int kind = Between(0, 15);
    if (kind < 5) return kEdges[kind];
    return kind == 5 ? Any<int>() : usual;
  }

  /// A heap block of exactly this size, so that AddressSanitizer sees the first byte read past it. Small
  /// inputs describe large buffers: where the bytes end, they are repeated with variations.
  std::vector<uint8_t> Bytes(size_t count) {
    std::vector<uint8_t> bytes(count);
    const size_t given = std::min(count, size_);
    if (given > 0) std::memcpy(bytes.data(), data_, given);
    data_ += given, size_ -= given;
    for (size_t i = given; i < count; i++) {
      bytes[i] = given > 0 ? static_cast<uint8_t>(bytes[i - given] * 5 + i) : 0;
    }
    bytes.shrink_to_fit();
    return bytes;
  }

  /// Floats of every bit pattern, or such as a model computes, with or without extremes among them.
  std::vector<float> Floats(size_t count) {
    using Limits = std::numeric_limits<float>;
    constexpr float kEdges[] = {Limits::quiet_NaN(),
                                Limits::infinity(),
                                -Limits::infinity(),
                                Limits::max(),
                                Limits::lowest(),
                                Limits::min(),
                                -0.0f,
                                1.0f};
    std::vector<float> floats(count);
    const int kind = Between(0, 2);
    const std::vector<uint8_t> bytes = Bytes(kind == 0 ? count * sizeof(float) : count);
    for (size_t i = 0; i < count; i++) {
      if (kind == 0) {
        std::memcpy(&floats[i], &bytes[i * sizeof(float)], sizeof(float));
      } else if (kind == 1 && bytes[i] < std::size(kEdges)) {
        floats[i] = kEdges[bytes[i]];
      } else {
        floats[i] = (static_cast<float>(bytes[i]) - 128) / 8;
      }
    }
    return floats;
  }

 private:
  const uint8_t* data_;
  size_t size_;
};

/// Ends the process, which libFuzzer reports with the input that led there, when a property does not hold.
inline void Require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace ghostcam::fuzz

// An ONNX Runtime session whose input and outputs are bound once, to memory of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime.h"

namespace ghostcam {

enum class Provider { kCpu, kXnnpack, kCuda, kTensorRt, kNnapi };

/// A float32 tensor of the model. In a wanted shape, -1 stands for any fixed size.
struct TensorSpec {
  std::string name;
  std::vector<int64_t> shape;
};

struct SessionOptions {
  Provider provider = Provider::kCpu;
  int threads = 1;
  /// Where to write the profile of the first run ("<prefix>_<time>.json"); empty: no profile.
  std::string profile_prefix;
};

/// Used by one thread at a time, except Terminate().
class Session {
 public:
  /// Loads the ONNX file in `model` and checks that it has exactly `input` and at least `outputs`, all
  /// float32. Throws Error("MODEL" or "PROVIDER").
  Session(const Runtime& runtime, const std::vector<uint8_t>& model, const SessionOptions& options,
          const TensorSpec& input, const std::vector<TensorSpec>& outputs);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// input() -> outputs. Throws Error("MODEL"), also after Terminate().
  void Run();
  /// Makes the run under way, and every later one, fail as soon as its current node is done. Any thread.
  void Terminate() noexcept;

  /// Ends the profile that `profile_prefix` asked for; returns the path of its file.
  std::string EndProfile();

  float* input() noexcept { return input_.data(); }
  const float* output(size_t index) const noexcept { return outputs_[index].data(); }
  /// The fixed shape that the model declares for outputs[index].
  const std::vector<int64_t>& output_shape(size_t index) const noexcept { return output_shapes_[index]; }

 private:
  /// 64-byte aligned floats: a cache line, and the widest vector register.
  class Buffer {
   public:
    explicit Buffer(size_t count);
    float* data() const noexcept { return data_.get(); }
    size_t bytes() const noexcept { return bytes_; }

   private:
    size_t bytes_;
    std::unique_ptr<float, void (*)(void*)> data_;
  };

  std::vector<int64_t> ModelShape(bool is_input, const TensorSpec& wanted) const;
  void Bind(bool is_input, const TensorSpec& tensor, const std::vector<int64_t>& shape, const Buffer& buffer);

  const Runtime& runtime_;
  const ort::Api& api_;
  Owned<ort::Session> session_;
  Owned<ort::RunOptions> run_options_;
  Owned<ort::MemoryInfo> memory_;
  Owned<ort::IoBinding> binding_;
  std::vector<Owned<ort::Value>> values_;
  Buffer input_;
  std::vector<Buffer> outputs_;
  std::vector<std::vector<int64_t>> output_shapes_;
};

}  // namespace ghostcam

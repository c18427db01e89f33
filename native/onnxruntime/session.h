// An ONNX Runtime session with one input and shapes that are fixed when it is opened.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "onnxruntime/runtime.h"

namespace ghostcam {

/// A float32 tensor of the model. In an expected shape, -1 stands for any fixed size.
struct TensorSpec {
  std::string name;
  std::vector<int64_t> shape;
};

/// A symbolic dimension of a model and the size that it has in a session.
struct FreeDimension {
  std::string name;
  int64_t size;
};

/// How a session runs.
struct SessionOptions {
  /// A name of src/runtime/providers.ts.
  std::string provider = "cpu";
  /// Threads of an inference, at least 1.
  int threads = 1;
  /// The sizes of the model's symbolic dimensions, by name. They are known before the graph is optimised, so
  /// that it is the graph of a model of that fixed shape.
  std::vector<FreeDimension> free_dimensions;
  /// The profile is written to "<prefix>_<time>.json"; empty for no profile.
  std::string profile_prefix;
};

/// A session whose input and outputs are bound once, to memory that it owns. Used by one thread at a time,
/// except Terminate(), which any thread may call.
class Session {
 public:
  /// Loads the ONNX file in `model` and checks that it has the one input `input` and at least `outputs`, all
  /// float32 and of the expected shapes. Throws Error("MODEL", "PROVIDER" or "RUNTIME").
  Session(const Runtime& runtime, const std::vector<uint8_t>& model, const SessionOptions& options,
          const TensorSpec& input, const std::vector<TensorSpec>& outputs);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Computes the outputs from the input. Throws Error("MODEL") when it fails, and always after Terminate().
  void Run();
  /// Makes the current Run() fail once the current node of the graph is computed, and each later one.
  void Terminate() noexcept;

  /// Ends the profile that `profile_prefix` asked for and returns the path of its file. Throws
  /// Error("RUNTIME").
  std::string EndProfile();

  /// The input tensor, dense, in the order of its shape.
  float* input() noexcept { return input_.data(); }
  /// The tensor of outputs[index], dense, in the order of its shape.
  const float* output(size_t index) const noexcept { return outputs_[index].data(); }
  /// The fixed shape that the model declares for outputs[index].
  const std::vector<int64_t>& output_shape(size_t index) const noexcept { return output_shapes_[index]; }

 private:
  /// Floats aligned to 64 bytes, the size of a cache line and of the widest vector register.
  class Buffer {
   public:
    explicit Buffer(size_t count);
    float* data() const noexcept { return data_.get(); }
    size_t bytes() const noexcept { return bytes_; }

   private:
    size_t bytes_;
    std::unique_ptr<float, void (*)(void*)> data_;
  };

  /// The shape that the model declares for a tensor. Throws Error("MODEL") when it is not the expected one.
  std::vector<int64_t> ModelShape(bool is_input, const TensorSpec& expected) const;
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

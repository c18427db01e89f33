// Small ONNX models (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) whose outputs are constants.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ghostcam::fuzz {

/// A float32 tensor of a model, with its values where it is an output.
struct OnnxTensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
};

inline std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>(value % 128 + 128);
  return bytes + static_cast<char>(value);
}

/// Protobuf fields of the wire types "length-delimited" and "varint".
inline std::string Field(int number, const std::string& content) {
  return Varint(static_cast<uint64_t>(number) * 8 + 2) + Varint(content.size()) + content;
}
inline std::string Field(int number, int64_t value) {
  return Varint(static_cast<uint64_t>(number) * 8) + Varint(static_cast<uint64_t>(value));
}

inline std::string ValueInfo(const OnnxTensor& tensor) {
  std::string dimensions;
  for (int64_t size : tensor.shape) dimensions += Field(1, Field(1, size));
  return Field(1, tensor.name) + Field(2, Field(1, Field(1, 1) + Field(2, dimensions)));
}

inline std::string Initializer(const OnnxTensor& tensor) {
  std::string dimensions;
  for (int64_t size : tensor.shape) dimensions += Field(1, size);
  const std::string raw(reinterpret_cast<const char*>(tensor.values.data()),
                        tensor.values.size() * sizeof(float));
  return dimensions + Field(2, 1) + Field(8, tensor.name + "_value") + Field(9, raw);
}

/// The file of a model with this input and these outputs, of opset 13.
inline std::vector<uint8_t> ConstantModel(const OnnxTensor& input, const std::vector<OnnxTensor>& outputs) {
  std::string graph = Field(2, "graph") + Field(11, ValueInfo(input));
  for (const OnnxTensor& output : outputs) {
    graph += Field(1, Field(1, output.name + "_value") + Field(2, output.name) + Field(4, "Identity"));
    graph += Field(5, Initializer(output)) + Field(12, ValueInfo(output));
  }
  const std::string model = Field(1, int64_t{8}) + Field(7, graph) + Field(8, Field(2, int64_t{13}));
  return {model.begin(), model.end()};
}

}  // namespace ghostcam::fuzz

// An ONNX Runtime session with one input and shapes that are fixed when it is opened.
#include "onnxruntime/session.h"

#include <cstdlib>
#include <new>

#include "onnxruntime/schema_error_filter.h"
#include "onnxruntime/session_options.h"

namespace ghostcam {
namespace {

std::string ShapeText(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); i++) {
    if (i > 0) text += ", ";
    text += shape[i] < 0 ? "?" : std::to_string(shape[i]);
  }
  return text + "]";
}

/// Whether a model's shape is fixed and the expected one.
bool Matches(const std::vector<int64_t>& shape, const std::vector<int64_t>& expected) {
  if (shape.size() != expected.size()) return false;
  for (size_t i = 0; i < shape.size(); i++) {
    if (shape[i] <= 0 || (expected[i] >= 0 && shape[i] != expected[i])) return false;
  }
  return true;
}

/// The number of elements of a shape whose sizes are all positive. Throws Error("MODEL") above a limit that
/// no detector's tensor comes near, and below which the product cannot overflow.
size_t Elements(const TensorSpec& tensor, const std::vector<int64_t>& shape) {
  constexpr int64_t kLimit = int64_t{1} << 28;
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size > kLimit / count)
      throw Error("MODEL", "tensor " + tensor.name + " is too large: " + ShapeText(shape));
    count *= size;
  }
  return static_cast<size_t>(count);
}

ort::Session* Create(const Runtime& runtime, const std::vector<uint8_t>& model,
                     const SessionOptions& options) {
  auto ort_options = MakeSessionOptions(runtime, options);
  ort::Session* session = nullptr;
  SchemaErrorFilter filter;
  runtime.Check(runtime.api().CreateSessionFromArray(runtime.env(), model.data(), model.size(),
                                                     ort_options.get(), &session),
                "MODEL", "ONNX Runtime " + runtime.version() + " cannot load the model");
  return session;
}

template <typename T, typename Make>
Owned<T> MakeOwned(const Runtime& runtime, Make make, void (*release)(T*), const char* what) {
  T* made = nullptr;
  runtime.Check(make(&made), "RUNTIME", what);
  return Owned<T>(made, release);
}

}  // namespace

Session::Buffer::Buffer(size_t count)
    : bytes_(count * sizeof(float)),
      // The size that aligned_alloc() takes is a multiple of the alignment.
      data_(static_cast<float*>(std::aligned_alloc(64, (bytes_ + 63) / 64 * 64)), std::free) {
  if (data_ == nullptr) throw std::bad_alloc();
}

Session::Session(const Runtime& runtime, const std::vector<uint8_t>& model, const SessionOptions& options,
                 const TensorSpec& input, const std::vector<TensorSpec>& outputs)
    : runtime_(runtime),
      api_(runtime.api()),
      session_(Create(runtime, model, options), api_.ReleaseSession),
      run_options_(
          MakeOwned<ort::RunOptions>(runtime, api_.CreateRunOptions, api_.ReleaseRunOptions, "run options")),
      memory_(MakeOwned<ort::MemoryInfo>(
          runtime,
          [&](ort::MemoryInfo** out) {
            return api_.CreateCpuMemoryInfo(ort::kDeviceAllocator, ort::kMemTypeDefault, out);
          },
          api_.ReleaseMemoryInfo, "memory info")),
      binding_(MakeOwned<ort::IoBinding>(
          runtime, [&](ort::IoBinding** out) { return api_.CreateIoBinding(session_.get(), out); },
          api_.ReleaseIoBinding, "IO binding")),
      input_(Elements(input, input.shape)) {
  size_t inputs = 0;
  runtime.Check(api_.SessionGetInputCount(session_.get(), &inputs), "MODEL", "counting the inputs");
  if (inputs != 1) {
    throw Error("MODEL",
                "the model has " + std::to_string(inputs) + " inputs, expected 1 (" + input.name + ")");
  }
  Bind(true, input, ModelShape(true, input), input_);
  for (const TensorSpec& output : outputs) {
    const auto& shape = output_shapes_.emplace_back(ModelShape(false, output));
    Bind(false, output, shape, outputs_.emplace_back(Elements(output, shape)));
  }
}

Session::~Session() = default;

std::vector<int64_t> Session::ModelShape(bool is_input, const TensorSpec& expected) const {
  auto count_of = is_input ? api_.SessionGetInputCount : api_.SessionGetOutputCount;
  auto name_of = is_input ? api_.SessionGetInputName : api_.SessionGetOutputName;
  auto type_of = is_input ? api_.SessionGetInputTypeInfo : api_.SessionGetOutputTypeInfo;
  auto check = [&](ort::Status* status) {
    runtime_.Check(status, "MODEL", "reading tensor " + expected.name);
  };

  size_t count = 0;
  check(count_of(session_.get(), &count));
  std::string names;
  for (size_t i = 0; i < count; i++) {
    char* text = nullptr;
    check(name_of(session_.get(), i, runtime_.allocator(), &text));
    std::string name(text);
    check(api_.AllocatorFree(runtime_.allocator(), text));
    if (name != expected.name) {
      names += (names.empty() ? "" : ", ") + name;
      continue;
    }
    auto type = MakeOwned<ort::TypeInfo>(
        runtime_, [&](ort::TypeInfo** out) { return type_of(session_.get(), i, out); }, api_.ReleaseTypeInfo,
        "type");
    const ort::TensorInfo* tensor = nullptr;  // owned by `type`; nullptr when it is a sequence or a map
    check(api_.CastTypeInfoToTensorInfo(type.get(), &tensor));
    int element = 0;
    size_t rank = 0;
    if (tensor != nullptr) {
      check(api_.GetTensorElementType(tensor, &element));
      check(api_.GetDimensionsCount(tensor, &rank));
    }
    std::vector<int64_t> shape(rank);
    if (rank > 0) check(api_.GetDimensions(tensor, shape.data(), rank));
    if (element != ort::kFloat || !Matches(shape, expected.shape)) {
      throw Error("MODEL", "tensor " + name + " of the model is " +
                               (element == ort::kFloat ? "float32 " : "not float32, ") + ShapeText(shape) +
                               ", expected float32 " + ShapeText(expected.shape) + " with fixed sizes");
    }
    return shape;
  }
  throw Error("MODEL", std::string("the model has no ") + (is_input ? "input " : "output ") + expected.name +
                           "; it has: " + (names.empty() ? "none" : names));
}

void Session::Bind(bool is_input, const TensorSpec& tensor, const std::vector<int64_t>& shape,
                   const Buffer& buffer) {
  auto& value = values_.emplace_back(MakeOwned<ort::Value>(
      runtime_,
      [&](ort::Value** out) {
        return api_.CreateTensorWithDataAsOrtValue(memory_.get(), buffer.data(), buffer.bytes(), shape.data(),
                                                   shape.size(), ort::kFloat, out);
      },
      api_.ReleaseValue, "tensor"));
  auto bind = is_input ? api_.BindInput : api_.BindOutput;
  runtime_.Check(bind(binding_.get(), tensor.name.c_str(), value.get()), "MODEL",
                 "binding tensor " + tensor.name);
}

void Session::Run() {
  runtime_.Check(api_.RunWithBinding(session_.get(), run_options_.get(), binding_.get()), "MODEL",
                 "inference failed");
}

void Session::Terminate() noexcept {
  if (ort::Status* status = api_.RunOptionsSetTerminate(run_options_.get())) api_.ReleaseStatus(status);
}

std::string Session::EndProfile() {
  char* text = nullptr;
  runtime_.Check(api_.SessionEndProfiling(session_.get(), runtime_.allocator(), &text), "RUNTIME",
                 "ending the profile");
  std::string path(text);
  runtime_.Check(api_.AllocatorFree(runtime_.allocator(), text), "RUNTIME", "ending the profile");
  return path;
}

}  // namespace ghostcam

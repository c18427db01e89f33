// ONNX Runtime's options for a session.
#include "onnxruntime/session_options.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace ghostcam {
namespace {

/// XNNPACK has a thread pool of its own, which gets the threads, while ONNX Runtime's pool gets one
/// (https://onnxruntime.ai/docs/execution-providers/Xnnpack-ExecutionProvider.html, "recommended
/// configuration").
ort::Status* AppendXnnpack(const Runtime& runtime, ort::SessionOptions* options, int threads) {
  std::string count = std::to_string(threads);
  const char* keys[] = {"intra_op_num_threads"};
  const char* values[] = {count.c_str()};
  return runtime.api().SessionOptionsAppendExecutionProvider(options, "XNNPACK", keys, values, 1);
}

ort::Status* AppendCuda(const Runtime& runtime, ort::SessionOptions* options, int) {
  const ort::Api& api = runtime.api();
  ort::CudaOptions* made = nullptr;
  if (auto* status = api.CreateCUDAProviderOptions(&made)) return status;
  Owned<ort::CudaOptions> cuda(made, api.ReleaseCUDAProviderOptions);
  return api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda.get());
}

/// CUDA runs the nodes that TensorRT does not support.
ort::Status* AppendTensorRt(const Runtime& runtime, ort::SessionOptions* options, int threads) {
  const ort::Api& api = runtime.api();
  ort::TensorRtOptions* made = nullptr;
  if (auto* status = api.CreateTensorRTProviderOptions(&made)) return status;
  Owned<ort::TensorRtOptions> tensorrt(made, api.ReleaseTensorRTProviderOptions);
  if (auto* status = api.SessionOptionsAppendExecutionProvider_TensorRT_V2(options, tensorrt.get()))
    return status;
  return AppendCuda(runtime, options, threads);
}

ort::Status* AppendNnapi(const Runtime& runtime, ort::SessionOptions* options, int) {
  if (runtime.append_nnapi() == nullptr) throw Error("PROVIDER", "this ONNX Runtime was built without NNAPI");
  return runtime.append_nnapi()(options, 0);
}

/// The CPU provider is in every session.
ort::Status* AppendNothing(const Runtime&, ort::SessionOptions*, int) { return nullptr; }

/// How a session gets a provider.
struct Append {
  /// In src/runtime/providers.ts.
  const char* name;
  ort::Status* (*append)(const Runtime& runtime, ort::SessionOptions* options, int threads);
};

constexpr Append kAppend[] = {
    {"cpu", AppendNothing},       {"xnnpack", AppendXnnpack}, {"cuda", AppendCuda},
    {"tensorrt", AppendTensorRt}, {"nnapi", AppendNnapi},
};

}  // namespace

Owned<ort::SessionOptions> MakeSessionOptions(const Runtime& runtime, const SessionOptions& options) {
  const ort::Api& api = runtime.api();
  auto provider = std::find_if(std::begin(kAppend), std::end(kAppend),
                               [&](const Append& entry) { return options.provider == entry.name; });
  if (provider == std::end(kAppend))
    throw Error("PROVIDER", "the addon knows no provider " + options.provider);
  bool xnnpack = options.provider == "xnnpack";
  ort::SessionOptions* made = nullptr;
  runtime.Check(api.CreateSessionOptions(&made), "RUNTIME", "creating session options");
  Owned<ort::SessionOptions> result(made, api.ReleaseSessionOptions);
  auto set = [&](const char* key, const char* value) {
    runtime.Check(api.AddSessionConfigEntry(made, key, value), "RUNTIME", std::string("setting ") + key);
  };

  int own_threads = xnnpack ? 1 : options.threads;
  runtime.Check(api.SetIntraOpNumThreads(made, own_threads), "RUNTIME", "setting the thread count");
  // Threads that spin between two nodes would use the core that ffmpeg needs.
  set("session.intra_op.allow_spinning", "0");
  // The default on Arm. On x86 ONNX Runtime would otherwise turn the signed 8-bit tensors between XNNPACK's
  // nodes into unsigned ones, for which XNNPACK has no operators, and nodes would compute in float.
  if (xnnpack) set("session.qdqisint8allowed", "1");
  // Otherwise a file that begins like ONNX Runtime's own binary format would be read as that.
  set("session.load_model_format", "ONNX");
  for (const FreeDimension& dimension : options.free_dimensions) {
    runtime.Check(api.AddFreeDimensionOverrideByName(made, dimension.name.c_str(), dimension.size), "RUNTIME",
                  "setting the size of dimension " + dimension.name);
  }
  if (!options.profile_prefix.empty()) {
    runtime.Check(api.EnableProfiling(made, options.profile_prefix.c_str()), "RUNTIME",
                  "enabling the profile");
  }
  runtime.Check(provider->append(runtime, made, options.threads), "PROVIDER",
                "adding the execution provider");
  return result;
}

}  // namespace ghostcam

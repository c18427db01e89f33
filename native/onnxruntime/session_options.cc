// ONNX Runtime's options for a session.
#include "onnxruntime/session_options.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>

namespace ghostcam {
namespace {

/// How long a thread waits awake for the next node, which saves it a wake-up; inferences are much further
/// apart.
constexpr const char* kSpinMicroseconds = "50";

/// Whether a version such as "1.30.0" is this one or a later one.
bool IsAtLeast(const std::string& version, int major, int minor) {
  int has_major = 0, has_minor = 0;
  if (std::sscanf(version.c_str(), "%d.%d", &has_major, &has_minor) != 2) return false;
  return has_major > major || (has_major == major && has_minor >= minor);
}

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
  // Threads that spin between two nodes without a limit would use the core that ffmpeg needs.
  const bool limits_spinning = IsAtLeast(runtime.version(), 1, 30);
  set("session.intra_op.allow_spinning", limits_spinning && own_threads > 1 ? "1" : "0");
  if (limits_spinning) set("session.intra_op.spin_duration_us", kSpinMicroseconds);
  // The default on Arm. On x86 ONNX Runtime would otherwise turn the signed 8-bit tensors between XNNPACK's
  // nodes into unsigned ones, for which XNNPACK has no operators, and nodes would compute in float.
  if (xnnpack) set("session.qdqisint8allowed", "1");
  // Otherwise a file that begins like ONNX Runtime's own binary format would be read as that.
  set("session.load_model_format", "ONNX");
  if (!options.profile_prefix.empty()) {
    runtime.Check(api.EnableProfiling(made, options.profile_prefix.c_str()), "RUNTIME",
                  "enabling the profile");
  }
  runtime.Check(provider->append(runtime, made, options.threads), "PROVIDER",
                "adding the execution provider");
  return result;
}

}  // namespace ghostcam

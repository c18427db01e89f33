// ONNX Runtime's options for a session.
#include "onnxruntime/session_options.h"

#include <string>

namespace ghostcam {
namespace {

/// XNNPACK has a thread pool of its own, which gets the threads, while ONNX Runtime's pool gets one
/// (https://onnxruntime.ai/docs/execution-providers/Xnnpack-ExecutionProvider.html, "recommended
/// configuration").
ort::Status* AppendXnnpack(const ort::Api& api, ort::SessionOptions* options, int threads) {
  std::string count = std::to_string(threads);
  const char* keys[] = {"intra_op_num_threads"};
  const char* values[] = {count.c_str()};
  return api.SessionOptionsAppendExecutionProvider(options, "XNNPACK", keys, values, 1);
}

ort::Status* AppendCuda(const ort::Api& api, ort::SessionOptions* options) {
  ort::CudaOptions* made = nullptr;
  if (auto* status = api.CreateCUDAProviderOptions(&made)) return status;
  Owned<ort::CudaOptions> cuda(made, api.ReleaseCUDAProviderOptions);
  return api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda.get());
}

ort::Status* AppendTensorRt(const ort::Api& api, ort::SessionOptions* options) {
  ort::TensorRtOptions* made = nullptr;
  if (auto* status = api.CreateTensorRTProviderOptions(&made)) return status;
  Owned<ort::TensorRtOptions> tensorrt(made, api.ReleaseTensorRTProviderOptions);
  return api.SessionOptionsAppendExecutionProvider_TensorRT_V2(options, tensorrt.get());
}

ort::Status* Append(const Runtime& runtime, ort::SessionOptions* options, Provider provider, int threads) {
  const ort::Api& api = runtime.api();
  switch (provider) {
    case Provider::kXnnpack:
      return AppendXnnpack(api, options, threads);
    case Provider::kCuda:
      return AppendCuda(api, options);
    case Provider::kTensorRt:
      // CUDA runs the nodes that TensorRT does not support.
      if (auto* status = AppendTensorRt(api, options)) return status;
      return AppendCuda(api, options);
    case Provider::kNnapi:
      if (runtime.append_nnapi() == nullptr)
        throw Error("PROVIDER", "this ONNX Runtime was built without NNAPI");
      return runtime.append_nnapi()(options, 0);
    case Provider::kCpu:
      break;
  }
  return nullptr;
}

}  // namespace

Owned<ort::SessionOptions> MakeSessionOptions(const Runtime& runtime, const SessionOptions& options) {
  const ort::Api& api = runtime.api();
  ort::SessionOptions* made = nullptr;
  runtime.Check(api.CreateSessionOptions(&made), "RUNTIME", "creating session options");
  Owned<ort::SessionOptions> result(made, api.ReleaseSessionOptions);
  auto set = [&](const char* key, const char* value) {
    runtime.Check(api.AddSessionConfigEntry(made, key, value), "RUNTIME", std::string("setting ") + key);
  };

  int own_threads = options.provider == Provider::kXnnpack ? 1 : options.threads;
  runtime.Check(api.SetIntraOpNumThreads(made, own_threads), "RUNTIME", "setting the thread count");
  // Threads that spin between two nodes would use the core that ffmpeg needs.
  set("session.intra_op.allow_spinning", "0");
  // The default on Arm. On x86 ONNX Runtime would otherwise turn the signed 8-bit tensors between XNNPACK's
  // nodes into unsigned ones, for which XNNPACK has no operators, and nodes would compute in float.
  if (options.provider == Provider::kXnnpack) set("session.qdqisint8allowed", "1");
  // Otherwise a file that begins like ONNX Runtime's own binary format would be read as that.
  set("session.load_model_format", "ONNX");
  if (!options.profile_prefix.empty()) {
    runtime.Check(api.EnableProfiling(made, options.profile_prefix.c_str()), "RUNTIME",
                  "enabling the profile");
  }
  runtime.Check(Append(runtime, made, options.provider, options.threads), "PROVIDER",
                "adding the execution provider");
  return result;
}

}  // namespace ghostcam

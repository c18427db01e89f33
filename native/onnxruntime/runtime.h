// A loaded ONNX Runtime library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "onnxruntime/ort_api.h"

namespace ghostcam {

/// A library, loaded once in a process and never unloaded, because its threads, its exit handlers and the
/// pointers that sessions hold would outlive a dlclose(). Immutable after construction, so any thread may use
/// it.
class Runtime {
 public:
  /// The library at `path`, a file or a name that the dynamic linker looks up; loaded on first use. Any
  /// thread may call it. Throws Error("RUNTIME") that names the file and the reason.
  static const Runtime& Load(const std::string& path);

  const ort::Api& api() const noexcept { return api_; }
  ort::Env* env() const noexcept { return env_; }
  ort::Allocator* allocator() const noexcept { return allocator_; }
  const std::string& version() const noexcept { return version_; }
  /// ONNX Runtime's own names, e.g. "CPUExecutionProvider".
  const std::vector<std::string>& providers() const noexcept { return providers_; }
  /// Adds the NNAPI provider to session options; nullptr where the library was built without it.
  ort::AppendNnapi append_nnapi() const noexcept { return append_nnapi_; }

  /// Frees `status`, and when it is a failure throws Error(code) with "<what>: <ONNX Runtime's message>".
  void Check(ort::Status* status, const char* code, const std::string& what) const;

 private:
  Runtime(void* handle, const std::string& path, const ort::ApiBase& base);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  ort::Api api_;
  std::string version_;
  std::vector<std::string> providers_;
  ort::Env* env_ = nullptr;
  ort::Allocator* allocator_ = nullptr;
  ort::AppendNnapi append_nnapi_ = nullptr;
};

/// An ONNX Runtime handle and the function that releases it: `Owned<ort::Value>(ptr, api.ReleaseValue)`.
template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

}  // namespace ghostcam

// One loaded ONNX Runtime library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "error.h"
#include "ort_api.h"

namespace ghostcam {

/// A library opened once per process and never closed: its threads, its registered exit handlers and the
/// pointers that sessions hold would outlive a dlclose. Immutable after construction, so every thread may use
/// it.
class Runtime {
 public:
  /// The runtime behind `path` (a file, or a name for the dynamic linker), loading it on first use. Thread
  /// safe. Throws Error("RUNTIME") naming the file and the reason.
  static const Runtime& Load(const std::string& path);

  const ort::Api& api() const noexcept { return api_; }
  ort::Env* env() const noexcept { return env_; }
  ort::Allocator* allocator() const noexcept { return allocator_; }
  const std::string& version() const noexcept { return version_; }
  /// ONNX Runtime's own names, e.g. "CPUExecutionProvider".
  const std::vector<std::string>& providers() const noexcept { return providers_; }
  /// nullptr where the build has no NNAPI.
  ort::AppendNnapi append_nnapi() const noexcept { return append_nnapi_; }

  /// Throws Error(code) with "<what>: <ONNX Runtime's message>" when `status` is a failure; frees it.
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

/// unique_ptr over an ONNX Runtime handle: `Owned<ort::Value>(ptr, api.ReleaseValue)`.
template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

}  // namespace ghostcam

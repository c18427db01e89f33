// A loaded ONNX Runtime library.
#include "onnxruntime/runtime.h"

#include <dlfcn.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <new>

namespace ghostcam {
namespace {

[[noreturn]] void Fail(const std::string& path, const std::string& why) {
  throw Error("RUNTIME", "cannot use " + path + " as ONNX Runtime: " + why);
}

const char* LastLinkerError() {
  const char* text = dlerror();
  return text != nullptr ? text : "the dynamic linker gave no reason";
}

/// The library's table of functions. Throws when the library is older than the table that ort_api.h
/// describes.
const OrtApi* Table(const std::string& path, const ort::ApiBase& base) {
  const OrtApi* table = base.GetApi(ort::kApiVersion);
  if (table == nullptr) Fail(path, std::string("version ") + base.GetVersionString() + " is older than 1.12");
  return table;
}

}  // namespace

const Runtime& Runtime::Load(const std::string& path) {
  // Never destroyed, because a destructor at exit would race with inference threads that are still stopping.
  static auto* mutex = new std::mutex;
  static auto* loaded = new std::map<void*, const Runtime*>;
  std::lock_guard<std::mutex> lock(*mutex);

  // From 1.30 on the library of the npm package sends usage data to its maker, with an identifier that it
  // keeps in the home folder, unless this variable is set.
  static const int failed = setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  if (failed != 0) throw std::bad_alloc();

  // RTLD_LOCAL keeps two libraries, such as Debian's 1.21 and the bundled one, from binding to each other's
  // symbols.
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) Fail(path, LastLinkerError());
  // dlopen() returns the same handle for the same file, whatever its path.
  if (auto found = loaded->find(handle); found != loaded->end()) return *found->second;

  auto* entry = reinterpret_cast<const ort::ApiBase* (*)()>(dlsym(handle, "OrtGetApiBase"));
  if (entry == nullptr) Fail(path, LastLinkerError());
  const ort::ApiBase* base = entry();
  if (base == nullptr) Fail(path, "OrtGetApiBase returned nothing");
  auto* runtime = new Runtime(handle, path, *base);
  loaded->emplace(handle, runtime);
  return *runtime;
}

Runtime::Runtime(void* handle, const std::string& path, const ort::ApiBase& base)
    : api_(Table(path, base)), version_(base.GetVersionString()) {
  char** names = nullptr;
  int count = 0;
  Check(api_.GetAvailableProviders(&names, &count), "RUNTIME", path + ": listing the providers");
  providers_.assign(names, names + count);
  Check(api_.ReleaseAvailableProviders(names, count), "RUNTIME", path + ": listing the providers");

  // Each failure is returned as a status, so the library's own log on stderr is turned off.
  Check(api_.CreateEnv(ort::kLogFatal, "ghostcam", &env_), "RUNTIME", path + ": creating the environment");
  Check(api_.GetAllocatorWithDefaultOptions(&allocator_), "RUNTIME", path + ": getting the allocator");
  append_nnapi_ =
      reinterpret_cast<ort::AppendNnapi>(dlsym(handle, "OrtSessionOptionsAppendExecutionProvider_Nnapi"));
}

void Runtime::Check(ort::Status* status, const char* code, const std::string& what) const {
  if (status == nullptr) return;
  std::string message = what + ": " + api_.GetErrorMessage(status);
  api_.ReleaseStatus(status);
  throw Error(code, message);
}

}  // namespace ghostcam

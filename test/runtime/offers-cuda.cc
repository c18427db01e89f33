// An ONNX Runtime that offers CUDA without the libraries that it is in, as a GPU build does on a machine
// without CUDA: the library REAL, whose list of providers says one more than it has.
#include <dlfcn.h>

#include <cstdint>
#include <cstring>

namespace {

// Indices of the OrtApi table, as in native/onnxruntime/ort_api.h.
constexpr int kGetAvailableProviders = 125;
constexpr int kReleaseAvailableProviders = 126;
// No more than ONNX Runtime 1.30 has, and all that the addon uses.
constexpr int kFunctions = 256;

struct ApiBase {
  const void* (*get_api)(uint32_t version);
  const char* (*get_version)();
};

ApiBase* real;
void* table[kFunctions];

void* Providers(char*** names, int* count) {
  static char cuda[] = "CUDAExecutionProvider", cpu[] = "CPUExecutionProvider";
  static char* all[] = {cuda, cpu};
  *names = all;
  *count = 2;
  return nullptr;
}

void* Release(char**, int) { return nullptr; }

const void* GetApi(uint32_t version) {
  std::memcpy(table, real->get_api(version), sizeof table);
  table[kGetAvailableProviders] = reinterpret_cast<void*>(&Providers);
  table[kReleaseAvailableProviders] = reinterpret_cast<void*>(&Release);
  return table;
}

const char* GetVersion() { return real->get_version(); }

}  // namespace

extern "C" const ApiBase* OrtGetApiBase() {
  static const ApiBase base{&GetApi, &GetVersion};
  auto* get = reinterpret_cast<ApiBase* (*)()>(dlsym(dlopen(REAL, RTLD_NOW | RTLD_LOCAL), "OrtGetApiBase"));
  real = get();
  return &base;
}

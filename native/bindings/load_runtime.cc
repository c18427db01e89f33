// The JS function loadRuntime, which loads an ONNX Runtime library.
#include "bindings/load_runtime.h"

#include <string>

#include "bindings/errors.h"
#include "onnxruntime/runtime.h"

namespace ghostcam {

Napi::Value LoadRuntimeBinding(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string path = info[0].As<Napi::String>().Utf8Value();
  const Runtime* runtime = nullptr;
  if (auto failure = Catch([&] { runtime = &Runtime::Load(path); })) throw ToJsError(env, *failure);
  auto providers = Napi::Array::New(env);
  for (const std::string& name : runtime->providers()) providers.Set(providers.Length(), name);
  auto result = Napi::Object::New(env);
  result.Set("version", runtime->version());
  result.Set("providers", providers);
  return result;
}

}  // namespace ghostcam

// The JS function loadRuntime, which loads an ONNX Runtime library.
#pragma once

#include <napi.h>

namespace ghostcam {

/// loadRuntime(path): {version, providers}, with ONNX Runtime's names of the providers. The library stays
/// loaded. Throws RUNTIME with the reason.
Napi::Value LoadRuntimeBinding(const Napi::CallbackInfo& info);

}  // namespace ghostcam

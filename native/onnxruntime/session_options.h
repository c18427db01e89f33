// ONNX Runtime's options for a session.
#pragma once

#include "onnxruntime/session.h"

namespace ghostcam {

/// Makes ONNX Runtime's session options. Throws Error("PROVIDER") when the library lacks the provider.
Owned<ort::SessionOptions> MakeSessionOptions(const Runtime& runtime, const SessionOptions& options);

}  // namespace ghostcam

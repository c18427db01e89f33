#pragma once

#include "session.h"

namespace ghostcam {

/// ONNX Runtime's session options for one provider. Throws Error("PROVIDER") when the library lacks it.
Owned<ort::SessionOptions> MakeSessionOptions(const Runtime& runtime, const SessionOptions& options);

}  // namespace ghostcam

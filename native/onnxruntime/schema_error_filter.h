// A filter for messages that Debian's ONNX Runtime prints when it loads a model.
#pragma once

namespace ghostcam {

/// While an object of this class exists, lines of std::cerr that begin with "Schema error: Trying to register
/// schema" are dropped, and all others pass. Debian's ONNX Runtime 1.21 registers each ONNX operator twice
/// and prints 1,134 such lines when it loads its first model. Does nothing where the process shares no
/// libstdc++. Any thread may create and destroy objects.
class SchemaErrorFilter {
 public:
  SchemaErrorFilter();
  ~SchemaErrorFilter();
  SchemaErrorFilter(const SchemaErrorFilter&) = delete;
  SchemaErrorFilter& operator=(const SchemaErrorFilter&) = delete;
};

}  // namespace ghostcam

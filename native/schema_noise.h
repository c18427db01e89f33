#pragma once

namespace ghostcam {

/// While one of these lives, lines of std::cerr that say "Schema error: Trying to register schema …" are
/// dropped; all others pass. Debian's ONNX Runtime 1.21 registers every ONNX operator twice, and prints 1,134
/// such lines when it loads its first model. Does nothing where the process has no libstdc++ to share.
class SchemaNoiseFilter {
 public:
  SchemaNoiseFilter();
  ~SchemaNoiseFilter();
  SchemaNoiseFilter(const SchemaNoiseFilter&) = delete;
  SchemaNoiseFilter& operator=(const SchemaNoiseFilter&) = delete;
};

}  // namespace ghostcam

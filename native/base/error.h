// The exception that carries an error code to JavaScript.
#pragma once

#include <stdexcept>
#include <string>

namespace ghostcam {

/// A failure that the user can act on. `code` is one of ErrorCode in src/errors.ts.
class Error : public std::runtime_error {
 public:
  Error(const char* code, const std::string& message) : std::runtime_error(message), code_(code) {}
  const char* code() const noexcept { return code_; }

 private:
  const char* code_;
};

}  // namespace ghostcam

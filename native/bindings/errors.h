// Errors on their way from C++ to JavaScript.
#pragma once

#include <napi.h>

#include <new>
#include <optional>
#include <string>

#include "base/error.h"

namespace ghostcam {

/// What an exception of C++ says, to be thrown later, on the JS thread. `code` is one of ErrorCode in
/// src/errors.ts.
struct Failure {
  const char* code;
  std::string message;
};

/// The JS error with the failure's message and its `code` as a property.
Napi::Error ToJsError(Napi::Env env, const Failure& failure);

/// Calls `body` and returns what it threw, or nothing.
template <typename Body>
std::optional<Failure> Catch(Body body) noexcept {
  try {
    body();
    return std::nullopt;
  } catch (const Error& error) {
    return Failure{error.code(), error.what()};
  } catch (const std::bad_alloc&) {
    return Failure{"RUNTIME", "out of memory"};
  } catch (const std::exception& error) {
    return Failure{"RUNTIME", error.what()};
  }
}

/// What `make` makes; an Error that it throws becomes the JS error, thrown at once. On the JS thread.
template <typename Make>
auto OrThrow(Napi::Env env, Make make) {
  try {
    return make();
  } catch (const Error& error) {
    throw ToJsError(env, {error.code(), error.what()});
  }
}

}  // namespace ghostcam

// Errors on their way from C++ to JavaScript.
#include "bindings/errors.h"

namespace ghostcam {

Napi::Error ToJsError(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.message);
  error.Set("code", failure.code);
  return error;
}

}  // namespace ghostcam

// Proves ort_api.h against ONNX Runtime's own header at compile time, on machines that have it (Debian 13:
// libonnxruntime-dev). Elsewhere this file is empty.
#if __has_include(<onnxruntime/onnxruntime_c_api.h>)
#include <onnxruntime/onnxruntime_c_api.h>
#define GHOSTCAM_HAVE_ORT_HEADER
#elif __has_include(<onnxruntime_c_api.h>)
#include <onnxruntime_c_api.h>
#define GHOSTCAM_HAVE_ORT_HEADER
#endif

#ifdef GHOSTCAM_HAVE_ORT_HEADER
#include <type_traits>

#include "ort_api.h"

// The real functions carry nonnull and warn_unused_result, which a template argument drops.
#pragma GCC diagnostic ignored "-Wignored-attributes"

namespace ghostcam::ort {
namespace {

template <typename Real, typename Ours>
constexpr bool SameShape() {
  return sizeof(Real) == sizeof(Ours) && std::is_pointer_v<Real> == std::is_pointer_v<Ours>;
}
template <>
constexpr bool SameShape<void, void>() {
  return true;
}

/// Whether a call through `Ours` passes and returns what `Real` expects: same count, sizes and pointer-ness.
template <typename R1, typename... A1, typename R2, typename... A2>
constexpr bool Compatible(R1 (*)(A1...), R2 (*)(A2...)) {
  if constexpr (sizeof...(A1) == sizeof...(A2)) {
    return SameShape<R1, R2>() && (SameShape<A1, A2>() && ...);
  } else {
    return false;
  }
}

#define GHOSTCAM_CHECK(index, name, result, parameters)                                             \
  static_assert(offsetof(::OrtApi, name) == (index) * sizeof(void*), #name ": wrong slot");         \
  static_assert(Compatible(decltype(::OrtApi::name){}, static_cast<result(*) parameters>(nullptr)), \
                #name ": wrong signature");
GHOSTCAM_ORT_SLOTS(GHOSTCAM_CHECK)
#undef GHOSTCAM_CHECK

static_assert(offsetof(::OrtApiBase, GetApi) == offsetof(ApiBase, GetApi));
static_assert(offsetof(::OrtApiBase, GetVersionString) == offsetof(ApiBase, GetVersionString));
static_assert(ORT_LOGGING_LEVEL_FATAL == kLogFatal);
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT == kFloat);
static_assert(OrtDeviceAllocator == kDeviceAllocator && OrtMemTypeDefault == kMemTypeDefault);

}  // namespace
}  // namespace ghostcam::ort
#endif

// native/onnxruntime/ort_api.h against ONNX Runtime's own header: compiling this file is the test. It has no
// code.
#include <onnxruntime_c_api.h>

#include <type_traits>

#include "onnxruntime/ort_api.h"

// A template argument drops the header's attributes, such as nonnull, which are no part of the type.
#pragma GCC diagnostic ignored "-Wignored-attributes"

namespace ghostcam::ort {
namespace {

/// A type of the header as ort_api.h writes it: an int for each enum, no exception specification, all else
/// the same.
template <typename T>
struct Plain {
  using Type = std::conditional_t<std::is_enum_v<T>, int, T>;
};
template <typename T>
struct Plain<T*> {
  using Type = typename Plain<T>::Type*;
};
template <typename R, typename... A>
struct Plain<R (*)(A...)> {
  using Type = typename Plain<R>::Type (*)(typename Plain<A>::Type...);
};
template <typename R, typename... A>
struct Plain<R (*)(A...) noexcept> : Plain<R (*)(A...)> {};

template <typename Real, typename Ours>
constexpr bool kSameType = std::is_same_v<typename Plain<Real>::Type, Ours>;

#define GHOSTCAM_CHECK(index, name, result, parameters)                                    \
  static_assert(offsetof(OrtApi, name) == (index) * sizeof(void*), #name ": wrong index"); \
  static_assert(kSameType<decltype(OrtApi::name), result(*) parameters>, #name ": wrong type");
GHOSTCAM_ORT_SLOTS(GHOSTCAM_CHECK)
#undef GHOSTCAM_CHECK

static_assert(offsetof(OrtApiBase, GetApi) == offsetof(ApiBase, GetApi));
static_assert(offsetof(OrtApiBase, GetVersionString) == offsetof(ApiBase, GetVersionString));
static_assert(kSameType<decltype(OrtApiBase::GetApi), decltype(ApiBase::GetApi)>);
static_assert(kSameType<decltype(OrtApiBase::GetVersionString), decltype(ApiBase::GetVersionString)>);

static_assert(sizeof(OrtLoggingLevel) == sizeof(int) && ORT_LOGGING_LEVEL_FATAL == kLogFatal);
static_assert(sizeof(ONNXTensorElementDataType) == sizeof(int) &&
              ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT == kFloat);
static_assert(sizeof(OrtAllocatorType) == sizeof(int) && OrtDeviceAllocator == kDeviceAllocator);
static_assert(sizeof(OrtMemType) == sizeof(int) && OrtMemTypeDefault == kMemTypeDefault);
static_assert(ORT_API_VERSION >= kApiVersion, "the header is older than what ghostcam asks a library for");

}  // namespace
}  // namespace ghostcam::ort

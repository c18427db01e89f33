// The part of ONNX Runtime's C API that ghostcam calls.
//
// The addon works with several versions of the library and is built where its header is not installed. So it
// names the functions by their index in the OrtApi table, which only ever grows at its end
// (https://onnxruntime.ai/docs/reference/high-level-design.html, "API stability"): an index is valid in every
// library that answers GetApi(kApiVersion). test/native/ort_api_check.cc compares each index and type with
// the real header.
#pragma once

#include <cstddef>
#include <cstdint>

// Opaque handles, under the header's names.
struct OrtApi;
struct OrtStatus;
struct OrtEnv;
struct OrtSession;
struct OrtSessionOptions;
struct OrtRunOptions;
struct OrtIoBinding;
struct OrtValue;
struct OrtMemoryInfo;
struct OrtTypeInfo;
struct OrtTensorTypeAndShapeInfo;
struct OrtAllocator;
struct OrtCUDAProviderOptionsV2;
struct OrtTensorRTProviderOptionsV2;

namespace ghostcam::ort {

/// 1.12, the oldest that has SessionOptionsAppendExecutionProvider by name.
constexpr uint32_t kApiVersion = 12;

using Status = OrtStatus;
using Env = OrtEnv;
using Session = OrtSession;
using SessionOptions = OrtSessionOptions;
using RunOptions = OrtRunOptions;
using IoBinding = OrtIoBinding;
using Value = OrtValue;
using MemoryInfo = OrtMemoryInfo;
using TypeInfo = OrtTypeInfo;
using TensorInfo = OrtTensorTypeAndShapeInfo;
using Allocator = OrtAllocator;
using CudaOptions = OrtCUDAProviderOptionsV2;
using TensorRtOptions = OrtTensorRTProviderOptionsV2;

// The values of ONNX Runtime's enums that are passed or compared; an enum is passed as an int.
constexpr int kLogFatal = 4;         // OrtLoggingLevel
constexpr int kFloat = 1;            // ONNXTensorElementDataType
constexpr int kDeviceAllocator = 0;  // OrtAllocatorType
constexpr int kMemTypeDefault = 0;   // OrtMemType

// X(index in OrtApi, name, return type, parameters)
#define GHOSTCAM_ORT_SLOTS(X)                                                                                \
  X(2, GetErrorMessage, const char*, (const Status*))                                                        \
  X(3, CreateEnv, Status*, (int log_level, const char* log_id, Env**))                                       \
  X(8, CreateSessionFromArray, Status*, (const Env*, const void*, size_t, const SessionOptions*, Session**)) \
  X(10, CreateSessionOptions, Status*, (SessionOptions**))                                                   \
  X(14, EnableProfiling, Status*, (SessionOptions*, const char* file_prefix))                                \
  X(24, SetIntraOpNumThreads, Status*, (SessionOptions*, int))                                               \
  X(30, SessionGetInputCount, Status*, (const Session*, size_t*))                                            \
  X(31, SessionGetOutputCount, Status*, (const Session*, size_t*))                                           \
  X(33, SessionGetInputTypeInfo, Status*, (const Session*, size_t, TypeInfo**))                              \
  X(34, SessionGetOutputTypeInfo, Status*, (const Session*, size_t, TypeInfo**))                             \
  X(36, SessionGetInputName, Status*, (const Session*, size_t, Allocator*, char**))                          \
  X(37, SessionGetOutputName, Status*, (const Session*, size_t, Allocator*, char**))                         \
  X(39, CreateRunOptions, Status*, (RunOptions**))                                                           \
  X(46, RunOptionsSetTerminate, Status*, (RunOptions*))                                                      \
  X(49, CreateTensorWithDataAsOrtValue, Status*,                                                             \
    (const MemoryInfo*, void* data, size_t bytes, const int64_t* dims, size_t rank, int type, Value**))      \
  X(55, CastTypeInfoToTensorInfo, Status*, (const TypeInfo*, const TensorInfo**))                            \
  X(60, GetTensorElementType, Status*, (const TensorInfo*, int*))                                            \
  X(61, GetDimensionsCount, Status*, (const TensorInfo*, size_t*))                                           \
  X(62, GetDimensions, Status*, (const TensorInfo*, int64_t*, size_t))                                       \
  X(69, CreateCpuMemoryInfo, Status*, (int allocator_type, int mem_type, MemoryInfo**))                      \
  X(76, AllocatorFree, Status*, (Allocator*, void*))                                                         \
  X(78, GetAllocatorWithDefaultOptions, Status*, (Allocator**))                                              \
  X(93, ReleaseStatus, void, (Status*))                                                                      \
  X(94, ReleaseMemoryInfo, void, (MemoryInfo*))                                                              \
  X(95, ReleaseSession, void, (Session*))                                                                    \
  X(96, ReleaseValue, void, (Value*))                                                                        \
  X(97, ReleaseRunOptions, void, (RunOptions*))                                                              \
  X(98, ReleaseTypeInfo, void, (TypeInfo*))                                                                  \
  X(100, ReleaseSessionOptions, void, (SessionOptions*))                                                     \
  X(110, SessionEndProfiling, Status*, (Session*, Allocator*, char** file))                                  \
  X(124, AddFreeDimensionOverrideByName, Status*, (SessionOptions*, const char* name, int64_t size))         \
  X(125, GetAvailableProviders, Status*, (char***, int*))                                                    \
  X(126, ReleaseAvailableProviders, Status*, (char**, int))                                                  \
  X(130, AddSessionConfigEntry, Status*, (SessionOptions*, const char* key, const char* value))              \
  X(133, RunWithBinding, Status*, (Session*, const RunOptions*, const IoBinding*))                           \
  X(134, CreateIoBinding, Status*, (Session*, IoBinding**))                                                  \
  X(135, ReleaseIoBinding, void, (IoBinding*))                                                               \
  X(136, BindInput, Status*, (IoBinding*, const char* name, const Value*))                                   \
  X(137, BindOutput, Status*, (IoBinding*, const char* name, const Value*))                                  \
  X(170, SessionOptionsAppendExecutionProvider_TensorRT_V2, Status*,                                         \
    (SessionOptions*, const TensorRtOptions*))                                                               \
  X(171, CreateTensorRTProviderOptions, Status*, (TensorRtOptions**))                                        \
  X(174, ReleaseTensorRTProviderOptions, void, (TensorRtOptions*))                                           \
  X(204, SessionOptionsAppendExecutionProvider_CUDA_V2, Status*, (SessionOptions*, const CudaOptions*))      \
  X(205, CreateCUDAProviderOptions, Status*, (CudaOptions**))                                                \
  X(208, ReleaseCUDAProviderOptions, void, (CudaOptions*))                                                   \
  X(216, SessionOptionsAppendExecutionProvider, Status*,                                                     \
    (SessionOptions*, const char* name, const char* const* keys, const char* const* values, size_t count))

/// The table's functions by name. Every one that returns a Status* returns nullptr for success.
struct Api {
  explicit Api(const OrtApi* table) {
    auto* slots = reinterpret_cast<void* const*>(table);
#define GHOSTCAM_LOAD(index, name, result, parameters) \
  name = reinterpret_cast<result(*) parameters>(slots[index]);
    GHOSTCAM_ORT_SLOTS(GHOSTCAM_LOAD)
#undef GHOSTCAM_LOAD
  }
#define GHOSTCAM_DECLARE(index, name, result, parameters) result(*name) parameters;
  GHOSTCAM_ORT_SLOTS(GHOSTCAM_DECLARE)
#undef GHOSTCAM_DECLARE
};

/// What the library's one exported entry point, OrtGetApiBase(), returns.
struct ApiBase {
  const OrtApi* (*GetApi)(uint32_t version);
  const char* (*GetVersionString)();
};

/// Exported by builds with NNAPI only (Android).
using AppendNnapi = Status* (*)(SessionOptions*, uint32_t flags);

}  // namespace ghostcam::ort

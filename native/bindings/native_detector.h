// The JS class NativeDetector, a model in sessions of one or several input shapes, on an inference thread of
// its own.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/task_thread.h"
#include "bindings/errors.h"
#include "detection/detector.h"

namespace ghostcam {

/// The class behind src/detect/detector.ts. Methods that return promises work on the inference thread, in the
/// order of the calls; what they reject with has a `code` of src/errors.ts.
class NativeDetector : public Napi::ObjectWrap<NativeDetector> {
 public:
  static Napi::Function Define(Napi::Env env);

  /// new NativeDetector()
  explicit NativeDetector(const Napi::CallbackInfo& info);
  ~NativeDetector() override;

 private:
  /// open({library, provider, threads, model, manifest, inputWidth, inputHeight, profilePrefix}): a promise
  /// of {session, profile}: a number for the other methods, and the profile's path, '' without a prefix. May
  /// be called again for another shape of the input. Rejects with MODEL, PROVIDER or RUNTIME.
  Napi::Value Open(const Napi::CallbackInfo& info);

  /// release(session): a promise that resolves when the calls before it are done and the session's memory is
  /// freed.
  Napi::Value Release(const Napi::CallbackInfo& info);

  /// detect({session, data, format, width, height, fullRange, bt709, region, thresholds, iou, maxDetections,
  /// sourceWidth, sourceHeight}): a promise of {boxes: Float32Array of x1, y1, x2, y2, score, class; queueMs,
  /// preMs, inferMs, postMs}. `region`, {left, top, width, height}, is the part of the frame that is
  /// inferred; boxes are scaled to sourceWidth x sourceHeight of it. Its pixels are read, and kept from the
  /// garbage collector, until the promise settles: nobody may change or detach them before. Throws or rejects
  /// with FRAME for a request that makes no sense; rejects with MODEL when the inference fails.
  Napi::Value Detect(const Napi::CallbackInfo& info);

  /// bare(session, runs): a promise of a Float64Array with the milliseconds of each of so many inferences.
  /// Rejects with MODEL.
  Napi::Value Bare(const Napi::CallbackInfo& info);

  /// close(): a promise that resolves when the current call is done and the memory of all sessions is freed.
  /// Queued calls reject with CLOSED, as do later ones.
  Napi::Value Close(const Napi::CallbackInfo& info);

  /// cpuSeconds(): CPU time of the inference thread and of the threads that ONNX Runtime started on it, in
  /// seconds.
  Napi::Value CpuSeconds(const Napi::CallbackInfo& info);

  /// Builds the value of a promise, on the JS thread.
  using BuildValue = std::function<Napi::Value(Napi::Env)>;
  /// A promise and, once the inference thread is done with it, its outcome.
  struct Job {
    NativeDetector* owner;
    Napi::Promise::Deferred deferred;
    BuildValue value;
    std::optional<Failure> failure;
  };
  /// Settles a job's promise and deletes the job, on the JS thread.
  static void Settle(Napi::Env env, Napi::Function, std::nullptr_t*, Job* job);
  using Settler = Napi::TypedThreadSafeFunction<std::nullptr_t, Job, Settle>;

  /// Runs `work` on the inference thread and resolves the promise with the BuildValue that it returns.
  /// `lent` is kept from the garbage collector until then.
  template <typename Work>
  Napi::Value Submit(Napi::Env env, Work work, Napi::Object lent = {});
  Job* NewJob(Napi::Env env);
  /// Hands a finished job from the inference thread to the JS thread.
  void Return(Job* job);

  /// A session's detector, for the inference thread. Throws CLOSED where there is none.
  Detector& Opened(size_t session);
  /// Makes the current inference fail soon. Called on any thread.
  void Interrupt();
  /// Ends the inference thread. Idempotent.
  void ShutDown();
  static void OnCleanup(void* self) { static_cast<NativeDetector*>(self)->ShutDown(); }

  Napi::Env env_;
  Settler settler_;
  bool shut_down_ = false;
  int open_jobs_ = 0;
  /// What the inference thread reads for a job. Changed on the JS thread only.
  std::unordered_map<const Job*, Napi::ObjectReference> lent_;

  std::mutex detectors_mutex_;  // held to change detectors_, and by Interrupt()
  /// One for each session, in the order in which they were opened; nullptr once it was released.
  std::vector<std::unique_ptr<Detector>> detectors_;
  TaskThread thread_;
};

}  // namespace ghostcam

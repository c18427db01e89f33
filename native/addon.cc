// The only file that knows Node. It copies JS values into plain structs, hands them to the inference thread,
// and turns what comes back into JS values. Arguments are validated in src/detect; here only what memory
// safety rests on is checked again.
#include <napi.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "detector.h"
#include "heap.h"
#include "motion.h"
#include "rgb.h"
#include "service_manager.h"
#include "task_thread.h"

namespace ghostcam {
namespace {

using Clock = std::chrono::steady_clock;
/// Builds the value of a promise, on the JS thread.
using BuildValue = std::function<Napi::Value(Napi::Env)>;

Napi::Error CodedError(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", code);
  return error;
}

/// Calls `body`, turning what it throws into a code and a message.
template <typename Body>
std::optional<std::pair<const char*, std::string>> Catch(Body body) noexcept {
  try {
    body();
    return std::nullopt;
  } catch (const Error& error) {
    return {{error.code(), error.what()}};
  } catch (const std::bad_alloc&) {
    return {{"RUNTIME", "out of memory"}};
  } catch (const std::exception& error) {
    return {{"RUNTIME", error.what()}};
  }
}

Napi::Value Property(const Napi::Object& object, const char* name) { return object.Get(name); }
int IntProperty(const Napi::Object& object, const char* name) {
  return Property(object, name).As<Napi::Number>().Int32Value();
}
float FloatProperty(const Napi::Object& object, const char* name) {
  return Property(object, name).As<Napi::Number>().FloatValue();
}
std::string StringProperty(const Napi::Object& object, const char* name) {
  return Property(object, name).As<Napi::String>().Utf8Value();
}

std::array<float, 3> ThreeFloats(const Napi::Value& value) {
  auto array = value.As<Napi::Array>();
  std::array<float, 3> result;
  for (uint32_t i = 0; i < 3; i++) result[i] = array.Get(i).As<Napi::Number>().FloatValue();
  return result;
}

/// The manifest as src/detect/manifest.ts checked it.
ModelSpec ReadSpec(const Napi::Object& manifest) {
  ModelSpec spec;
  auto input = Property(manifest, "input").As<Napi::Object>();
  spec.input = {StringProperty(input, "name"),       IntProperty(input, "width"),
                IntProperty(input, "height"),        ThreeFloats(Property(input, "mean")),
                ThreeFloats(Property(input, "std")), FloatProperty(input, "padValue")};
  spec.classes = static_cast<int>(Property(manifest, "labels").As<Napi::Array>().Length());
  auto head = Property(manifest, "head").As<Napi::Object>();
  if (StringProperty(head, "kind") == "decoded") {
    spec.decoded_output = StringProperty(head, "output");
    return spec;
  }
  spec.reg_max = IntProperty(head, "regMax");
  auto levels = Property(head, "levels").As<Napi::Array>();
  for (uint32_t i = 0; i < levels.Length(); i++) {
    auto level = levels.Get(i).As<Napi::Object>();
    spec.levels.push_back(
        {IntProperty(level, "stride"), StringProperty(level, "box"), StringProperty(level, "cls")});
  }
  return spec;
}

Provider ReadProvider(const std::string& name) {
  if (name == "xnnpack") return Provider::kXnnpack;
  if (name == "cuda") return Provider::kCuda;
  if (name == "tensorrt") return Provider::kTensorRt;
  if (name == "nnapi") return Provider::kNnapi;
  return Provider::kCpu;
}

/// notifyServiceManager(socket, message): why it could not be sent, '' when it was
Napi::Value Notify(const Napi::CallbackInfo& info) {
  std::string socket = info[0].As<Napi::String>().Utf8Value();
  std::string message = info[1].As<Napi::String>().Utf8Value();
  return Napi::String::New(info.Env(), NotifyServiceManager(socket, message));
}

/// {data, format, width, height, fullRange, bt709}; its pixels stay in `data`.
Frame ReadFrame(Napi::Env env, const Napi::Object& object) {
  auto data = Property(object, "data").As<Napi::Uint8Array>();
  Frame frame{data.Data(),
              StringProperty(object, "format") == "rgb24" ? PixelFormat::kRgb24 : PixelFormat::kYuv420p,
              IntProperty(object, "width"),
              IntProperty(object, "height"),
              Property(object, "fullRange").As<Napi::Boolean>(),
              Property(object, "bt709").As<Napi::Boolean>()};
  if (frame.width < 1 || frame.height < 1 || frame.width > kMaxFrameSide || frame.height > kMaxFrameSide ||
      data.ByteLength() != FrameBytes(frame.format, frame.width, frame.height)) {
    throw CodedError(env, "FRAME", "the frame's data does not fit its size");
  }
  return frame;
}

/// loadRuntime(path): {version, providers}
Napi::Value LoadRuntime(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string path = info[0].As<Napi::String>().Utf8Value();
  const Runtime* runtime = nullptr;
  if (auto failure = Catch([&] { runtime = &Runtime::Load(path); })) {
    throw CodedError(env, failure->first, failure->second);
  }
  auto providers = Napi::Array::New(env);
  for (const std::string& name : runtime->providers()) providers.Set(providers.Length(), name);
  auto result = Napi::Object::New(env);
  result.Set("version", runtime->version());
  result.Set("providers", providers);
  return result;
}

/// The JS class behind src/detect/motion.ts.
class MotionMeter : public Napi::ObjectWrap<MotionMeter> {
 public:
  static Napi::Function Define(Napi::Env env) {
    auto mask_side = Napi::Number::New(env, Motion::kMaskSide);
    return DefineClass(
        env, "MotionMeter",
        {InstanceMethod<&MotionMeter::Update>("update"), InstanceMethod<&MotionMeter::SetMask>("setMask"),
         StaticValue("maskSide", mask_side)});
  }

  explicit MotionMeter(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MotionMeter>(info) {}

 private:
  /// update(data, width, height, seconds, learn): the share of the picture that changed, or -1. `data` begins
  /// with the luma plane.
  Napi::Value Update(const Napi::CallbackInfo& info) {
    auto data = info[0].As<Napi::Uint8Array>();
    const int width = info[1].As<Napi::Number>().Int32Value();
    const int height = info[2].As<Napi::Number>().Int32Value();
    if (width < 1 || height < 1 || width > kMaxFrameSide || height > kMaxFrameSide ||
        data.ByteLength() < static_cast<size_t>(width) * height) {
      throw CodedError(info.Env(), "FRAME", "the frame's data does not fit its size");
    }
    const double seconds = info[3].As<Napi::Number>().DoubleValue();
    const bool learn = info[4].As<Napi::Boolean>();
    return Napi::Number::New(info.Env(), motion_.Update(data.Data(), width, height, seconds, learn));
  }

  /// setMask(mask): maskSide rows of as many bytes
  void SetMask(const Napi::CallbackInfo& info) {
    auto mask = info[0].As<Napi::Uint8Array>();
    if (mask.ByteLength() != static_cast<size_t>(Motion::kMaskSide) * Motion::kMaskSide) {
      throw CodedError(info.Env(), "FRAME", "the mask has the wrong size");
    }
    motion_.SetMask({mask.Data(), mask.Data() + mask.ByteLength()});
  }

  Motion motion_;
};

/// Converts on a thread of libuv's pool, from a copy of the pixels into a buffer that JS sees when done.
class RgbWorker : public Napi::AsyncWorker {
 public:
  RgbWorker(Napi::Env env, const Frame& frame)
      : Napi::AsyncWorker(env, "toRgb"),
        deferred_(Napi::Promise::Deferred::New(env)),
        frame_(frame),
        pixels_(frame.data, frame.data + FrameBytes(frame.format, frame.width, frame.height)) {
    frame_.data = pixels_.data();
    auto rgb = Napi::Buffer<uint8_t>::New(env, FrameBytes(PixelFormat::kRgb24, frame.width, frame.height));
    rgb_data_ = rgb.Data();
    rgb_ = Napi::Persistent(rgb.As<Napi::Object>());
  }

  Napi::Promise Promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    failure_ = Catch([&] { ToRgb(frame_, rgb_data_); });
  }

  void OnOK() override {
    try {
      if (failure_) {
        deferred_.Reject(CodedError(Env(), failure_->first, failure_->second).Value());
      } else {
        deferred_.Resolve(rgb_.Value());
      }
    } catch (const Napi::Error&) {
      // This environment is ending, a worker or the process: nobody waits for the promise.
    }
  }

 private:
  Napi::Promise::Deferred deferred_;
  Frame frame_;
  std::vector<uint8_t> pixels_;
  Napi::ObjectReference rgb_;
  uint8_t* rgb_data_;
  std::optional<std::pair<const char*, std::string>> failure_;
};

/// toRgb({data, format, width, height, fullRange, bt709}): Promise of a Uint8Array of rgb24
Napi::Value ConvertToRgb(const Napi::CallbackInfo& info) {
  // Deletes itself when it is done.
  auto* worker = new RgbWorker(info.Env(), ReadFrame(info.Env(), info[0].As<Napi::Object>()));
  worker->Queue();
  return worker->Promise();
}

/// The JS class behind src/detect/detector.ts. Its methods that return promises work on a thread of its own,
/// in the order of the calls; an error has a `code` of src/errors.ts.
class NativeDetector : public Napi::ObjectWrap<NativeDetector> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "NativeDetector",
        {InstanceMethod<&NativeDetector::Open>("open"), InstanceMethod<&NativeDetector::Detect>("detect"),
         InstanceMethod<&NativeDetector::Bare>("bare"), InstanceMethod<&NativeDetector::Close>("close"),
         InstanceMethod<&NativeDetector::CpuSeconds>("cpuSeconds")});
  }

  explicit NativeDetector(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<NativeDetector>(info), env_(info.Env()), thread_([this] { Interrupt(); }) {
    done_ = Done::New(env_, "ghostcam", 0, 1);
    // An idle detector does not keep the process alive; Submit() does while there is something to wait for.
    done_.Unref(env_);
    // Cleanup hooks run last in, first out: this one before that of `done_`, which the thread uses until it
    // is joined.
    napi_add_env_cleanup_hook(env_, OnCleanup, this);
  }

  ~NativeDetector() override {
    if (!shut_down_) napi_remove_env_cleanup_hook(env_, OnCleanup, this);
    ShutDown();
  }

 private:
  /// A promise and, once the thread is done with it, its outcome.
  struct Job {
    NativeDetector* owner;
    Napi::Promise::Deferred deferred;
    BuildValue value;
    std::optional<std::pair<const char*, std::string>> failure;
  };
  static void Finish(Napi::Env env, Napi::Function, std::nullptr_t*, Job* job);
  using Done = Napi::TypedThreadSafeFunction<std::nullptr_t, Job, Finish>;

  static void OnCleanup(void* self) { static_cast<NativeDetector*>(self)->ShutDown(); }

  void Interrupt() {
    std::lock_guard<std::mutex> lock(detector_mutex_);
    if (detector_) detector_->Terminate();
  }

  void ShutDown() {
    if (shut_down_) return;
    shut_down_ = true;
    thread_.Join();
    detector_.reset();
    done_.Release();
  }

  /// Runs `work` on the thread and resolves the promise with the BuildValue that it returns.
  template <typename Work>
  Napi::Value Submit(Napi::Env env, Work work) {
    auto* job = new Job{this, Napi::Promise::Deferred::New(env), nullptr, std::nullopt};
    Napi::Promise promise = job->deferred.Promise();
    Pin(env);
    bool posted = thread_.Post([this, job, work = std::move(work)](bool run) mutable {
      job->failure = Catch([&] {
        if (!run) throw Error("CLOSED", "the detector was closed");
        job->value = work();
      });
      Return(job);
    });
    if (!posted) {
      job->failure = {{"CLOSED", "the detector is closed"}};
      Finish(env, {}, nullptr, job);
    }
    return promise;
  }

  /// Thread -> JS thread. Refused only while the environment is torn down, when nobody waits for the promise
  /// any more.
  void Return(Job* job) {
    if (done_.NonBlockingCall(job) != napi_ok) delete job;
  }

  /// While a promise is open: keeps this object from the garbage collector, and the event loop alive.
  void Pin(Napi::Env env) {
    Ref();
    if (open_jobs_++ == 0) done_.Ref(env);
  }
  void Unpin(Napi::Env env) {
    if (--open_jobs_ == 0 && !shut_down_) done_.Unref(env);
    Unref();
  }

  Napi::Value Open(const Napi::CallbackInfo& info);
  Napi::Value Detect(const Napi::CallbackInfo& info);
  Napi::Value Bare(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value CpuSeconds(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), thread_.CpuSeconds());
  }

  Napi::Env env_;
  Done done_;
  bool shut_down_ = false;
  int open_jobs_ = 0;
  int classes_ = 0;
  std::vector<std::vector<uint8_t>>
      spare_pixels_;  // so that a frame does not cost an mmap and its page faults

  std::mutex detector_mutex_;  // held to set or clear detector_, and by Interrupt()
  std::unique_ptr<Detector> detector_;
  TaskThread thread_;
};

void NativeDetector::Finish(Napi::Env env, Napi::Function, std::nullptr_t*, Job* raw) {
  std::unique_ptr<Job> job(raw);
  if (env == nullptr) return;  // torn down: no JS can run
  Napi::HandleScope scope(env);
  if (job->failure) {
    job->deferred.Reject(CodedError(env, job->failure->first, job->failure->second).Value());
  } else {
    job->deferred.Resolve(job->value(env));
  }
  job->owner->Unpin(env);
}

/// open({library, provider, threads, model, manifest, profilePrefix}): the path of the profile, "" without a
/// prefix
Napi::Value NativeDetector::Open(const Napi::CallbackInfo& info) {
  auto request = info[0].As<Napi::Object>();
  auto bytes = Property(request, "model").As<Napi::Uint8Array>();
  std::vector<uint8_t> model(bytes.Data(), bytes.Data() + bytes.ByteLength());
  SessionOptions options{ReadProvider(StringProperty(request, "provider")), IntProperty(request, "threads"),
                         StringProperty(request, "profilePrefix")};
  ModelSpec spec = ReadSpec(Property(request, "manifest").As<Napi::Object>());
  classes_ = spec.classes;
  return Submit(info.Env(),
                [this, library = StringProperty(request, "library"), model = std::move(model), options,
                 spec = std::move(spec)]() -> BuildValue {
                  auto detector = std::make_unique<Detector>(Runtime::Load(library), model, options, spec);
                  // The first run allocates and packs; it is the one that a profile describes.
                  detector->Bare();
                  std::string profile = options.profile_prefix.empty() ? "" : detector->EndProfile();
                  JoinTaskThreadsAtExit();
                  std::lock_guard<std::mutex> lock(detector_mutex_);
                  detector_ = std::move(detector);
                  return [profile](Napi::Env env) { return Napi::String::New(env, profile); };
                });
}

/// detect({data, format, width, height, fullRange, bt709, thresholds, iou, maxDetections, sourceWidth,
/// sourceHeight}): {boxes: Float32Array of x1, y1, x2, y2, score, class; queueMs, preMs, inferMs, postMs}
Napi::Value NativeDetector::Detect(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto request = info[0].As<Napi::Object>();
  Frame frame = ReadFrame(env, request);
  auto thresholds = Property(request, "thresholds").As<Napi::Float32Array>();
  if (thresholds.ElementLength() != static_cast<size_t>(classes_)) {
    throw CodedError(env, "FRAME", "there must be one threshold per class");
  }
  DetectOptions options{{thresholds.Data(), thresholds.Data() + thresholds.ElementLength()},
                        FloatProperty(request, "iou"),
                        IntProperty(request, "maxDetections"),
                        FloatProperty(request, "sourceWidth"),
                        FloatProperty(request, "sourceHeight")};

  std::vector<uint8_t> pixels;
  if (!spare_pixels_.empty()) {
    pixels = std::move(spare_pixels_.back());
    spare_pixels_.pop_back();
  }
  pixels.assign(frame.data, frame.data + FrameBytes(frame.format, frame.width, frame.height));

  return Submit(env,
                [this, frame, options = std::move(options), pixels = std::move(pixels),
                 posted = Clock::now()]() mutable -> BuildValue {
                  double queue_ms = std::chrono::duration<double, std::milli>(Clock::now() - posted).count();
                  frame.data = pixels.data();
                  StageTimes times;
                  std::vector<Box> boxes = detector_->Detect(frame, options, times);
                  return [this, boxes = std::move(boxes), times, queue_ms,
                          pixels = std::move(pixels)](Napi::Env env) mutable {
                    constexpr size_t kSpares = 4;
                    if (spare_pixels_.size() < kSpares) spare_pixels_.push_back(std::move(pixels));
                    auto packed = Napi::Float32Array::New(env, boxes.size() * 6);
                    for (size_t i = 0; i < boxes.size(); i++) {
                      const Box& box = boxes[i];
                      float* out = packed.Data() + 6 * i;
                      out[0] = box.x1, out[1] = box.y1, out[2] = box.x2, out[3] = box.y2;
                      out[4] = box.score, out[5] = static_cast<float>(box.class_id);
                    }
                    auto result = Napi::Object::New(env);
                    result.Set("boxes", packed);
                    result.Set("queueMs", queue_ms);
                    result.Set("preMs", times.pre_ms);
                    result.Set("inferMs", times.infer_ms);
                    result.Set("postMs", times.post_ms);
                    return result;
                  };
                });
}

/// bare(runs): Float64Array of the milliseconds of each
Napi::Value NativeDetector::Bare(const Napi::CallbackInfo& info) {
  size_t runs = info[0].As<Napi::Number>().Uint32Value();
  return Submit(info.Env(), [this, runs]() -> BuildValue {
    std::vector<double> times(runs);
    for (double& time : times) time = detector_->Bare();
    return [times = std::move(times)](Napi::Env env) {
      auto result = Napi::Float64Array::New(env, times.size());
      std::copy(times.begin(), times.end(), result.Data());
      return result;
    };
  });
}

/// close(): resolves when the call under way is done and the session's memory is freed
Napi::Value NativeDetector::Close(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto* job = new Job{this, Napi::Promise::Deferred::New(env), nullptr, std::nullopt};
  Napi::Promise promise = job->deferred.Promise();
  Pin(env);
  job->value = [this](Napi::Env env) {
    thread_.Join();  // it ended with the task below
    spare_pixels_.clear();
    return env.Undefined();
  };
  bool stopping = thread_.Stop([this, job](bool) {
    {
      std::lock_guard<std::mutex> lock(detector_mutex_);
      detector_.reset();
    }
    Return(job);
  });
  if (!stopping) Finish(env, {}, nullptr, job);
  return promise;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("loadRuntime", Napi::Function::New<LoadRuntime>(env));
  exports.Set("notifyServiceManager", Napi::Function::New<Notify>(env));
  ReturnLargeBlocks();
  exports.Set("toRgb", Napi::Function::New<ConvertToRgb>(env));
  exports.Set("MotionMeter", MotionMeter::Define(env));
  exports.Set("NativeDetector", NativeDetector::Define(env));
  return exports;
}

NODE_API_MODULE(ghostcam, Init)

}  // namespace
}  // namespace ghostcam

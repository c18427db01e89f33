// The JS class NativeDetector, a model in sessions of one or several input shapes, on an inference thread of
// its own.
#include "bindings/native_detector.h"

#include <algorithm>
#include <chrono>

#include "bindings/errors.h"
#include "bindings/values.h"
#include "image/planes.h"

namespace ghostcam {
namespace {

using Clock = std::chrono::steady_clock;

/// Six numbers for each box: x1, y1, x2, y2, score, class.
Napi::Float32Array Pack(Napi::Env env, const std::vector<Box>& boxes) {
  auto packed = Napi::Float32Array::New(env, boxes.size() * 6);
  float* out = packed.Data();
  for (const Box& box : boxes) {
    out[0] = box.x1, out[1] = box.y1, out[2] = box.x2, out[3] = box.y2;
    out[4] = box.score, out[5] = static_cast<float>(box.class_id);
    out += 6;
  }
  return packed;
}

}  // namespace

Napi::Function NativeDetector::Define(Napi::Env env) {
  return DefineClass(
      env, "NativeDetector",
      {InstanceMethod<&NativeDetector::Open>("open"), InstanceMethod<&NativeDetector::Detect>("detect"),
       InstanceMethod<&NativeDetector::Bare>("bare"), InstanceMethod<&NativeDetector::Release>("release"),
       InstanceMethod<&NativeDetector::Close>("close"),
       InstanceMethod<&NativeDetector::CpuSeconds>("cpuSeconds")});
}

NativeDetector::NativeDetector(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<NativeDetector>(info),
      env_(info.Env()),
      thread_(OrThrow(env_, [this] { return TaskThread([this] { Interrupt(); }); })) {
  settler_ = Settler::New(env_, "ghostcam", 0, 1);
  // An idle detector does not keep the process alive; NewJob() makes it do so while a promise is open.
  settler_.Unref(env_);
  // Cleanup hooks run last in, first out: this one runs before that of settler_, which the thread uses until
  // it is joined.
  napi_add_env_cleanup_hook(env_, OnCleanup, this);
}

NativeDetector::~NativeDetector() {
  if (!shut_down_) napi_remove_env_cleanup_hook(env_, OnCleanup, this);
  ShutDown();
}

Napi::Value NativeDetector::Open(const Napi::CallbackInfo& info) {
  auto request = info[0].As<Napi::Object>();
  auto bytes = request.Get("model").As<Napi::Uint8Array>();
  std::vector<uint8_t> model(bytes.Data(), bytes.Data() + bytes.ByteLength());
  SessionOptions options;
  options.provider = StringProperty(request, "provider");
  options.threads = IntProperty(request, "threads");
  options.profile_prefix = StringProperty(request, "profilePrefix");
  ModelSpec spec = ReadModelSpec(request.Get("manifest").As<Napi::Object>(),
                                 IntProperty(request, "inputWidth"), IntProperty(request, "inputHeight"));
  return Submit(info.Env(),
                [this, library = StringProperty(request, "library"), model = std::move(model), options,
                 spec = std::move(spec)]() -> BuildValue {
                  auto detector = std::make_unique<Detector>(Runtime::Load(library), model, options, spec);
                  // The first inference allocates and packs weights; it is the one that a profile describes.
                  detector->Bare();
                  std::string profile = options.profile_prefix.empty() ? "" : detector->EndProfile();
                  JoinTaskThreadsAtExit();
                  std::lock_guard<std::mutex> lock(detectors_mutex_);
                  detectors_.push_back(std::move(detector));
                  return [profile, session = detectors_.size() - 1](Napi::Env env) {
                    auto result = Napi::Object::New(env);
                    result.Set("session", static_cast<double>(session));
                    result.Set("profile", profile);
                    return result;
                  };
                });
}

Napi::Value NativeDetector::Release(const Napi::CallbackInfo& info) {
  size_t session = info[0].As<Napi::Number>().Uint32Value();
  return Submit(info.Env(), [this, session]() -> BuildValue {
    Opened(session);
    std::lock_guard<std::mutex> lock(detectors_mutex_);
    detectors_[session].reset();
    return [](Napi::Env env) { return env.Undefined(); };
  });
}

Napi::Value NativeDetector::Detect(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto request = info[0].As<Napi::Object>();
  const size_t session = request.Get("session").As<Napi::Number>().Uint32Value();
  Frame frame = ReadFrame(env, request);
  auto thresholds = request.Get("thresholds").As<Napi::Float32Array>();
  DetectOptions options{{thresholds.Data(), thresholds.Data() + thresholds.ElementLength()},
                        FloatProperty(request, "iou"),
                        IntProperty(request, "maxDetections"),
                        FloatProperty(request, "sourceWidth"),
                        FloatProperty(request, "sourceHeight")};

  const Region region = ReadRegion(env, request.Get("region").As<Napi::Object>(), frame);
  if (!IsAligned(region, frame)) throw ToJsError(env, {"FRAME", "the region splits a sample of chroma"});

  auto work = [this, session, frame, region, options = std::move(options),
               posted = Clock::now()]() -> BuildValue {
    double queue_ms = std::chrono::duration<double, std::milli>(Clock::now() - posted).count();
    StageTimes times;
    std::vector<Box> boxes = Opened(session).Detect(frame, region, options, times);
    return [boxes = std::move(boxes), times, queue_ms](Napi::Env env) {
      auto result = Napi::Object::New(env);
      result.Set("boxes", Pack(env, boxes));
      result.Set("queueMs", queue_ms);
      result.Set("preMs", times.pre_ms);
      result.Set("inferMs", times.infer_ms);
      result.Set("postMs", times.post_ms);
      return result;
    };
  };
  return Submit(env, std::move(work), request.Get("data").As<Napi::Object>());
}

Napi::Value NativeDetector::Bare(const Napi::CallbackInfo& info) {
  size_t session = info[0].As<Napi::Number>().Uint32Value();
  size_t runs = info[1].As<Napi::Number>().Uint32Value();
  return Submit(info.Env(), [this, session, runs]() -> BuildValue {
    std::vector<double> times(runs);
    for (double& time : times) time = Opened(session).Bare();
    return [times = std::move(times)](Napi::Env env) {
      auto result = Napi::Float64Array::New(env, times.size());
      std::copy(times.begin(), times.end(), result.Data());
      return result;
    };
  });
}

Napi::Value NativeDetector::Close(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Job* job = NewJob(env);
  Napi::Promise promise = job->deferred.Promise();
  job->value = [this](Napi::Env env) {
    thread_.Join();  // it ended with the task below
    return env.Undefined();
  };
  bool stopping = thread_.Stop([this, job](bool) {
    {
      std::lock_guard<std::mutex> lock(detectors_mutex_);
      detectors_.clear();
    }
    Return(job);
  });
  if (!stopping) Settle(env, {}, nullptr, job);
  return promise;
}

Napi::Value NativeDetector::CpuSeconds(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), thread_.CpuSeconds());
}

template <typename Work>
Napi::Value NativeDetector::Submit(Napi::Env env, Work work, Napi::Object lent) {
  Job* job = NewJob(env);
  if (!lent.IsEmpty()) lent_.emplace(job, Napi::Persistent(lent));
  Napi::Promise promise = job->deferred.Promise();
  bool posted = thread_.Post([this, job, work = std::move(work)](bool run) mutable {
    job->failure = Catch([&] {
      if (!run) throw Error("CLOSED", "the detector was closed");
      job->value = work();
    });
    Return(job);
  });
  if (!posted) {
    job->failure = Failure{"CLOSED", "the detector is closed"};
    Settle(env, {}, nullptr, job);
  }
  return promise;
}

NativeDetector::Job* NativeDetector::NewJob(Napi::Env env) {
  // While a promise is open, this object is kept from the garbage collector and the event loop is kept alive.
  Ref();
  if (open_jobs_++ == 0) settler_.Ref(env);
  return new Job{this, Napi::Promise::Deferred::New(env), nullptr, std::nullopt};
}

void NativeDetector::Return(Job* job) {
  // Refused only while the environment is torn down, when nothing can await the promise any more.
  if (settler_.NonBlockingCall(job) != napi_ok) delete job;
}

void NativeDetector::Settle(Napi::Env env, Napi::Function, std::nullptr_t*, Job* raw) {
  std::unique_ptr<Job> job(raw);
  if (env == nullptr) return;  // the environment is torn down and can run no JS
  Napi::HandleScope scope(env);
  if (job->failure) {
    job->deferred.Reject(ToJsError(env, *job->failure).Value());
  } else {
    job->deferred.Resolve(job->value(env));
  }
  NativeDetector* owner = job->owner;
  owner->lent_.erase(raw);
  if (--owner->open_jobs_ == 0 && !owner->shut_down_) owner->settler_.Unref(env);
  owner->Unref();
}

Detector& NativeDetector::Opened(size_t session) {
  if (session >= detectors_.size() || !detectors_[session]) throw Error("CLOSED", "the session is not open");
  return *detectors_[session];
}

void NativeDetector::Interrupt() {
  std::lock_guard<std::mutex> lock(detectors_mutex_);
  for (auto& detector : detectors_) {
    if (detector) detector->Terminate();
  }
}

void NativeDetector::ShutDown() {
  if (shut_down_) return;
  shut_down_ = true;
  thread_.Join();
  detectors_.clear();
  settler_.Release();
}

}  // namespace ghostcam

// The JS class FrameReader, the frames that another program writes.
#include "bindings/frame_reader.h"

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include "bindings/errors.h"
#include "bindings/values.h"

namespace ghostcam {
namespace {

/// As in src/capture/y4m.ts.
constexpr size_t kMaxLineBytes = 1024;
/// What begins a frame without parameters, which are all that ffmpeg writes.
constexpr std::string_view kFrame = "FRAME\n";

double NowMs() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Napi::Function FrameReader::Define(Napi::Env env) {
  return DefineClass(
      env, "FrameReader",
      {InstanceMethod<&FrameReader::WriteEnd>("writeEnd"),
       InstanceMethod<&FrameReader::CloseWriteEnd>("closeWriteEnd"),
       InstanceMethod<&FrameReader::ReadLine>("readLine"),
       InstanceMethod<&FrameReader::ReadFrame>("readFrame"),
       InstanceMethod<&FrameReader::TakeSkipped>("takeSkipped"),
       InstanceMethod<&FrameReader::SilentMs>("silentMs"), InstanceMethod<&FrameReader::Recall>("recall"),
       InstanceMethod<&FrameReader::Close>("close")});
}

FrameReader::FrameReader(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<FrameReader>(info),
      env_(info.Env()),
      thread_(OrThrow(env_, [this] { return TaskThread([this] { pipe_.Interrupt(); }, "frames"); })) {
  settler_ = Settler::New(env_, "ghostcam-frames", 0, 1);
  // A reader keeps the process alive while a read is under way only.
  settler_.Unref(env_);
  // Cleanup hooks run last in, first out: this one runs before that of settler_, which the thread uses until
  // it is joined.
  napi_add_env_cleanup_hook(env_, OnCleanup, this);
}

FrameReader::~FrameReader() {
  if (!shut_down_) napi_remove_env_cleanup_hook(env_, OnCleanup, this);
  ShutDown();
}

Napi::Value FrameReader::WriteEnd(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), pipe_.write_end());
}

void FrameReader::CloseWriteEnd(const Napi::CallbackInfo&) { pipe_.CloseWriteEnd(); }

Napi::Value FrameReader::ReadLine(const Napi::CallbackInfo& info) {
  return Submit(info.Env(), [this](Reading& reading) {
    std::string line;
    if (pipe_.ReadLine(line, kMaxLineBytes)) reading.line = std::move(line);
  });
}

Napi::Value FrameReader::ReadFrame(const Napi::CallbackInfo& info) {
  auto pixels = info[0].As<Napi::Uint8Array>();
  const size_t bytes = pixels.ByteLength();
  const std::optional<Watch> watch = ToWatch(info, bytes);
  pixels_ = Napi::Persistent(pixels);
  recalled_ = false;
  return Submit(info.Env(), [this, data = pixels.Data(), bytes, watch](Reading& reading) {
    ReadFrameInto(reading, data, bytes, watch);
  });
}

std::optional<FrameReader::Watch> FrameReader::ToWatch(const Napi::CallbackInfo& info, size_t bytes) {
  if (!info[1].IsObject()) return std::nullopt;
  const auto from = info[1].As<Napi::Object>();
  const auto number = [&from](const char* name) { return from.Get(name).As<Napi::Number>(); };
  const int width = number("width").Int32Value(), height = number("height").Int32Value();
  CheckLuma(info.Env(), width, height, bytes);
  const auto meter = from.Get("meter").As<Napi::Object>();
  meter_ = Napi::Persistent(meter);
  const double now = NowMs();
  return Watch{MotionMeter::Unwrap(meter),
               width,
               height,
               number("area").DoubleValue(),
               from.Get("learn").As<Napi::Boolean>(),
               now - number("sinceMs").DoubleValue(),
               now + number("forMs").DoubleValue()};
}

void FrameReader::ReadFrameInto(Reading& reading, uint8_t* data, size_t bytes, std::optional<Watch> watch) {
  const size_t luma = watch ? static_cast<size_t>(watch->width) * watch->height : bytes;
  while (BeginFrame(reading) && pipe_.Read(data, luma)) {
    newest_at_ = NowMs();
    if (watch && MaySkip(reading, *watch, data)) {
      if (!pipe_.Skip(bytes - luma)) return;
      skipped_++;
      continue;
    }
    if (pipe_.Read(data + luma, bytes - luma)) reading.completed_at = NowMs();
    return;
  }
}

bool FrameReader::MaySkip(Reading& reading, Watch& watch, const uint8_t* luma) {
  const double now = newest_at_, seconds = (now - watch.measured_at) / 1000;
  watch.measured_at = now;
  const double share = watch.meter->Measure(luma, watch.width, watch.height, seconds, watch.learn);
  reading.share = share;
  return share >= 0 && share < watch.area && now < watch.until && !recalled_;
}

bool FrameReader::BeginFrame(Reading& reading) {
  // No line that begins a frame is shorter.
  std::string line(kFrame.size(), '\0');
  if (!pipe_.Read(reinterpret_cast<uint8_t*>(line.data()), line.size())) return false;
  if (line == kFrame) return true;
  std::string rest;
  const size_t end = line.find('\n');
  if (end != std::string::npos) {
    line.resize(end);
  } else if (pipe_.ReadLine(rest, kMaxLineBytes - line.size())) {
    line += rest;
  } else {
    return false;
  }
  if (line.size() <= kMaxLineBytes && line.rfind("FRAME ", 0) == 0) return true;
  reading.line = std::move(line);
  return false;
}

Napi::Value FrameReader::TakeSkipped(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), skipped_.exchange(0));
}

Napi::Value FrameReader::SilentMs(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), NowMs() - newest_at_);
}

void FrameReader::Recall(const Napi::CallbackInfo&) { recalled_ = true; }

void FrameReader::Close(const Napi::CallbackInfo&) {
  if (!shut_down_) napi_remove_env_cleanup_hook(env_, OnCleanup, this);
  ShutDown();
}

Napi::Value FrameReader::Submit(Napi::Env env, std::function<void(Reading&)> work) {
  auto* reading = new Reading{this, Napi::Promise::Deferred::New(env), std::nullopt, 0, std::nullopt};
  Napi::Promise promise = reading->deferred.Promise();
  Ref();
  settler_.Ref(env);
  const bool posted = thread_.Post([this, reading, work = std::move(work)](bool run) {
    if (run) work(*reading);
    // Refused only while the environment is torn down, when nothing can await the promise any more.
    if (settler_.NonBlockingCall(reading) != napi_ok) delete reading;
  });
  if (!posted) Settle(env, {}, nullptr, reading);
  return promise;
}

void FrameReader::Settle(Napi::Env env, Napi::Function, std::nullptr_t*, Reading* raw) {
  std::unique_ptr<Reading> reading(raw);
  if (env == nullptr) return;  // the environment is torn down and can run no JS
  Napi::HandleScope scope(env);
  FrameReader* owner = reading->owner;
  if (!owner->shut_down_) owner->settler_.Unref(env);
  if (reading->line) {
    napi_value line;
    napi_create_string_latin1(env, reading->line->data(), reading->line->size(), &line);
    reading->deferred.Resolve(line);
  } else if (reading->completed_at > 0) {
    auto frame = Napi::Object::New(env);
    frame["ageMs"] = NowMs() - reading->completed_at;
    if (reading->share) frame["share"] = *reading->share;
    reading->deferred.Resolve(frame);
  } else {
    reading->deferred.Resolve(env.Undefined());
  }
  owner->Unref();
}

void FrameReader::ShutDown() {
  if (shut_down_) return;
  shut_down_ = true;
  thread_.Join();
  pipe_.Close();
  settler_.Release();
}

}  // namespace ghostcam

// The JS function toRgb, frames as RGB pictures.
#include "bindings/to_rgb.h"

#include <optional>
#include <vector>

#include "bindings/errors.h"
#include "bindings/values.h"
#include "image/rgb.h"

namespace ghostcam {
namespace {

/// Converts a copy of the pixels into a Buffer that is given to JS when it is complete.
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
        deferred_.Reject(ToJsError(Env(), *failure_).Value());
      } else {
        deferred_.Resolve(rgb_.Value());
      }
    } catch (const Napi::Error&) {
      // The environment, of a worker or of the process, is ending, and nothing can await the promise any
      // more.
    }
  }

 private:
  Napi::Promise::Deferred deferred_;
  Frame frame_;
  std::vector<uint8_t> pixels_;
  Napi::ObjectReference rgb_;
  uint8_t* rgb_data_;
  std::optional<Failure> failure_;
};

}  // namespace

Napi::Value ToRgbBinding(const Napi::CallbackInfo& info) {
  // A worker deletes itself when it is done.
  auto* worker = new RgbWorker(info.Env(), ReadFrame(info.Env(), info[0].As<Napi::Object>()));
  worker->Queue();
  return worker->Promise();
}

}  // namespace ghostcam

// The JS function toRgb, frames as RGB pictures.
#include "bindings/to_rgb.h"

#include <optional>
#include <utility>
#include <vector>

#include "bindings/errors.h"
#include "bindings/values.h"
#include "image/draw.h"
#include "image/rgb.h"

namespace ghostcam {
namespace {

/// A polygon, or a mask where there is one.
struct Shape {
  Ink ink;
  std::vector<Point> corners;
  int left, top, width, height;
  std::vector<uint8_t> mask;
};

Ink ReadInk(const Napi::Object& shape) {
  const int color = IntProperty(shape, "color");
  return {static_cast<uint8_t>(color >> 16), static_cast<uint8_t>(color >> 8), static_cast<uint8_t>(color),
          FloatProperty(shape, "opacity")};
}

Shape ReadShape(Napi::Env env, const Napi::Object& object) {
  Shape shape{ReadInk(object), {}, 0, 0, 0, 0, {}};
  if (object.Has("corners")) {
    auto numbers = object.Get("corners").As<Napi::Float32Array>();
    for (size_t i = 0; i + 1 < numbers.ElementLength(); i += 2)
      shape.corners.push_back({numbers[i], numbers[i + 1]});
    return shape;
  }
  shape.left = IntProperty(object, "left"), shape.top = IntProperty(object, "top");
  shape.width = IntProperty(object, "width"), shape.height = IntProperty(object, "height");
  auto mask = object.Get("mask").As<Napi::Uint8Array>();
  if (shape.width < 0 || shape.height < 0 ||
      mask.ByteLength() != static_cast<size_t>(shape.width) * static_cast<size_t>(shape.height)) {
    throw ToJsError(env, {"FRAME", "the mask has the wrong size"});
  }
  shape.mask.assign(mask.Data(), mask.Data() + mask.ByteLength());
  return shape;
}

/// The memory of the last frame that was copied: a new one for each would cost an mmap() and its page faults.
std::vector<uint8_t>& Spare() {
  thread_local std::vector<uint8_t> spare;
  return spare;
}

/// Converts a copy of the pixels and draws on them.
class RgbWorker : public Napi::AsyncWorker {
 public:
  RgbWorker(Napi::Env env, const Frame& frame, const Region& region, std::vector<Shape> shapes,
            Napi::Uint8Array into)
      : Napi::AsyncWorker(env, "toRgb"),
        deferred_(Napi::Promise::Deferred::New(env)),
        frame_(frame),
        region_(region),
        shapes_(std::move(shapes)),
        pixels_(std::move(Spare())),
        into_(Napi::Persistent(into)),
        rgb_(into.Data()) {
    pixels_.assign(frame.data, frame.data + FrameBytes(frame.format, frame.width, frame.height));
    frame_.data = pixels_.data();
  }

  Napi::Promise Promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    failure_ = Catch([&] {
      ToRgb(frame_, region_, rgb_);
      const Canvas canvas{rgb_, region_.width, region_.height};
      for (const Shape& shape : shapes_) {
        FillPolygon(canvas, shape.corners, shape.ink);
        DrawMask(canvas, shape.left, shape.top, shape.width, shape.height, shape.mask.data(), shape.ink);
      }
    });
  }

  void OnOK() override {
    Spare() = std::move(pixels_);
    try {
      if (failure_) {
        deferred_.Reject(ToJsError(Env(), *failure_).Value());
      } else {
        deferred_.Resolve(into_.Value());
      }
    } catch (const Napi::Error&) {
      // The environment, of a worker or of the process, is ending, and nothing can await the promise any
      // more.
    }
  }

 private:
  Napi::Promise::Deferred deferred_;
  Frame frame_;
  Region region_;
  std::vector<Shape> shapes_;
  std::vector<uint8_t> pixels_;
  Napi::Reference<Napi::Uint8Array> into_;
  uint8_t* rgb_;
  std::optional<Failure> failure_;
};

}  // namespace

Napi::Value ToRgbBinding(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const Frame frame = ReadFrame(env, info[0].As<Napi::Object>());
  const Region region = ReadRegion(env, info[1].As<Napi::Object>(), frame);
  auto list = info[2].As<Napi::Array>();
  std::vector<Shape> shapes;
  for (uint32_t i = 0; i < list.Length(); i++)
    shapes.push_back(ReadShape(env, list.Get(i).As<Napi::Object>()));
  auto into = info[3].As<Napi::Uint8Array>();
  if (into.ByteLength() != FrameBytes(PixelFormat::kRgb24, region.width, region.height))
    throw ToJsError(env, {"FRAME", "the buffer has the wrong size"});
  // A worker deletes itself when it is done.
  auto* worker = new RgbWorker(env, frame, region, std::move(shapes), into);
  worker->Queue();
  return worker->Promise();
}

}  // namespace ghostcam

// JS values as plain structs.
#include "bindings/values.h"

#include "bindings/errors.h"

namespace ghostcam {
namespace {

std::array<float, 3> ThreeFloats(const Napi::Value& value) {
  auto array = value.As<Napi::Array>();
  std::array<float, 3> result;
  for (uint32_t i = 0; i < 3; i++) result[i] = array.Get(i).As<Napi::Number>().FloatValue();
  return result;
}

InputSpec ReadInputSpec(const Napi::Object& input, int width, int height) {
  return {StringProperty(input, "name"),
          width,
          height,
          ThreeFloats(input.Get("mean")),
          ThreeFloats(input.Get("std")),
          FloatProperty(input, "padValue")};
}

HeadKind ReadHeadKind(const std::string& name) {
  if (name == "decoded") return HeadKind::kDecoded;
  if (name == "objectness") return HeadKind::kObjectness;
  if (name == "end-to-end") return HeadKind::kEndToEnd;
  return HeadKind::kDfl;
}

bool IsSide(int side) { return side >= 1 && side <= kMaxFrameSide; }

Napi::Error WrongSize(Napi::Env env) {
  return ToJsError(env, {"FRAME", "the frame's data does not fit its size"});
}

}  // namespace

int IntProperty(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Number>().Int32Value();
}

float FloatProperty(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Number>().FloatValue();
}

std::string StringProperty(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::String>().Utf8Value();
}

ModelSpec ReadModelSpec(const Napi::Object& manifest, int width, int height) {
  ModelSpec spec;
  auto input = manifest.Get("input").As<Napi::Object>();
  spec.input = ReadInputSpec(input, width, height);
  if (input.Get("dynamic").IsObject()) {
    auto dynamic = input.Get("dynamic").As<Napi::Object>();
    spec.width_dimension = StringProperty(dynamic, "width");
    spec.height_dimension = StringProperty(dynamic, "height");
  }
  spec.classes = static_cast<int>(manifest.Get("labels").As<Napi::Array>().Length());
  auto head = manifest.Get("head").As<Napi::Object>();
  spec.head = ReadHeadKind(StringProperty(head, "kind"));
  if (spec.head != HeadKind::kDfl) {
    spec.output = StringProperty(head, "output");
    return spec;
  }
  spec.reg_max = IntProperty(head, "regMax");
  auto levels = head.Get("levels").As<Napi::Array>();
  for (uint32_t i = 0; i < levels.Length(); i++) {
    auto level = levels.Get(i).As<Napi::Object>();
    spec.levels.push_back(
        {IntProperty(level, "stride"), StringProperty(level, "box"), StringProperty(level, "cls")});
  }
  return spec;
}

Frame ReadFrame(Napi::Env env, const Napi::Object& object) {
  auto data = object.Get("data").As<Napi::Uint8Array>();
  Frame frame{data.Data(),
              StringProperty(object, "format") == "rgb24" ? PixelFormat::kRgb24 : PixelFormat::kYuv420p,
              IntProperty(object, "width"),
              IntProperty(object, "height"),
              object.Get("fullRange").As<Napi::Boolean>(),
              object.Get("bt709").As<Napi::Boolean>()};
  if (!IsSide(frame.width) || !IsSide(frame.height) ||
      data.ByteLength() != FrameBytes(frame.format, frame.width, frame.height)) {
    throw WrongSize(env);
  }
  return frame;
}

Region ReadRegion(Napi::Env env, const Napi::Object& object, const Frame& frame) {
  const Region region{IntProperty(object, "left"), IntProperty(object, "top"), IntProperty(object, "width"),
                      IntProperty(object, "height")};
  if (region.left < 0 || region.top < 0 || region.width < 1 || region.height < 1 ||
      region.width > frame.width - region.left || region.height > frame.height - region.top) {
    throw ToJsError(env, {"FRAME", "the part is not within the frame"});
  }
  return region;
}

void CheckLuma(Napi::Env env, int width, int height, size_t bytes) {
  if (!IsSide(width) || !IsSide(height) || bytes < static_cast<size_t>(width) * height) throw WrongSize(env);
}

}  // namespace ghostcam

// What the model's manifest says, as plain values.
#include "detection/model_spec.h"

#include <algorithm>

#include "base/error.h"
#include "image/frame.h"

namespace ghostcam {
namespace {

void Require(bool condition, const char* what) {
  if (!condition) throw Error("MODEL", std::string("the manifest's ") + what + " is out of range");
}

bool Between(int value, int least, int most) { return value >= least && value <= most; }

}  // namespace

void CheckModelSpec(const ModelSpec& spec) {
  constexpr int kMaxClasses = 1 << 16, kMaxBins = 1 << 10;
  Require(Between(spec.input.width, 1, kMaxFrameSide), "input.width");
  Require(Between(spec.input.height, 1, kMaxFrameSide), "input.height");
  for (float deviation : spec.input.std) Require(deviation > 0, "input.std");
  Require(Between(spec.classes, 1, kMaxClasses), "number of labels");
  if (spec.head != HeadKind::kDfl) return;
  Require(!spec.levels.empty(), "number of levels");
  Require(Between(spec.reg_max, 1, kMaxBins), "head.regMax");
  for (const DflLevel& level : spec.levels) {
    Require(Between(level.stride, 1, std::min(spec.input.width, spec.input.height)), "stride of a level");
  }
}

}  // namespace ghostcam

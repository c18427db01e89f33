#include "detection/model_spec.h"

#include <gtest/gtest.h>

#include <climits>
#include <cmath>
#include <string>

#include "base/error.h"

namespace ghostcam {
namespace {

ModelSpec Dfl() {
  ModelSpec spec;
  spec.input = {"images", 320, 320, {0, 0, 0}, {255, 255, 255}, 114};
  spec.classes = 80;
  spec.reg_max = 16;
  for (int stride : {8, 16, 32}) spec.levels.push_back({stride, "box", "cls"});
  return spec;
}

std::string MessageOf(const ModelSpec& spec) {
  try {
    CheckModelSpec(spec);
  } catch (const Error& error) {
    EXPECT_STREQ(error.code(), "MODEL");
    return error.what();
  }
  return "";
}

TEST(CheckModelSpec, AcceptsEachHead) {
  EXPECT_EQ(MessageOf(Dfl()), "");
  for (HeadKind kind : {HeadKind::kDecoded, HeadKind::kObjectness, HeadKind::kEndToEnd}) {
    ModelSpec spec = Dfl();
    spec.head = kind;
    spec.levels.clear();
    spec.reg_max = 0;
    EXPECT_EQ(MessageOf(spec), "");
  }
}

TEST(CheckModelSpec, NamesMissingLevels) {
  ModelSpec spec = Dfl();
  spec.levels.clear();
  EXPECT_NE(MessageOf(spec).find("levels"), std::string::npos);
}

TEST(CheckModelSpec, NamesWhatTheDetectorCannotComputeWith) {
  for (int wrong : {0, -1, INT_MIN, INT_MAX}) {
    ModelSpec spec = Dfl();
    spec.input.width = wrong;
    EXPECT_NE(MessageOf(spec).find("input.width"), std::string::npos) << wrong;
    spec = Dfl();
    spec.input.height = wrong;
    EXPECT_NE(MessageOf(spec).find("input.height"), std::string::npos) << wrong;
    spec = Dfl();
    spec.classes = wrong;
    EXPECT_NE(MessageOf(spec).find("labels"), std::string::npos) << wrong;
    spec = Dfl();
    spec.reg_max = wrong;
    EXPECT_NE(MessageOf(spec).find("regMax"), std::string::npos) << wrong;
    spec = Dfl();
    spec.levels[1].stride = wrong;
    EXPECT_NE(MessageOf(spec).find("stride"), std::string::npos) << wrong;
  }
  for (float wrong : {0.0f, -1.0f, std::nanf("")}) {
    ModelSpec spec = Dfl();
    spec.input.std[1] = wrong;
    EXPECT_NE(MessageOf(spec).find("input.std"), std::string::npos) << wrong;
  }
}

}  // namespace
}  // namespace ghostcam

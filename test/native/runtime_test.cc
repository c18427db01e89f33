#include "onnxruntime/runtime.h"

#include <gtest/gtest.h>

namespace ghostcam {
namespace {

std::string MessageOf(const std::string& path) {
  try {
    Runtime::Load(path);
  } catch (const Error& error) {
    EXPECT_STREQ(error.code(), "RUNTIME");
    return error.what();
  }
  return "";
}

TEST(Runtime, NamesALibraryThatIsNotThereOrIsAnother) {
  EXPECT_NE(MessageOf("/nowhere/libonnxruntime.so").find("/nowhere/libonnxruntime.so"), std::string::npos);
  EXPECT_NE(MessageOf("libm.so.6").find("OrtGetApiBase"), std::string::npos);
}

}  // namespace
}  // namespace ghostcam

#include "onnxruntime/schema_error_filter.h"

#include <gtest/gtest.h>

#include <iostream>

namespace ghostcam {
namespace {

TEST(SchemaErrorFilter, DropsTheNoiseAndNothingElse) {
  testing::internal::CaptureStderr();
  std::cerr << "before\n";
  {
    SchemaErrorFilter outer, inner;
    std::cerr << "Schema error: " << "Trying to register schema with name Abs" << std::endl << std::endl;
    std::cerr << "a real error" << std::endl << std::endl << "Schema error: of another kind\n";
    std::cerr << "no end of line";
  }
  std::cerr << ", after\n";
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "before\na real error\n\nSchema error: of another kind\nno end of line, after\n");
}

}  // namespace
}  // namespace ghostcam

#include "base/frame_pipe.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace ghostcam {
namespace {

void Write(const FramePipe& pipe, const std::string& bytes) {
  ASSERT_EQ(write(pipe.write_end(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
}

TEST(FramePipe, ReadsTheSameHoweverItIsWritten) {
  // Far more than the pipe holds.
  std::vector<uint8_t> sent(5 << 20);
  for (size_t i = 0; i < sent.size(); i++) sent[i] = static_cast<uint8_t>(i * 7 + i / 251);
  for (size_t piece : {size_t{4099}, size_t{1} << 20, sent.size()}) {
    FramePipe pipe;
    std::thread writer([&] {
      Write(pipe, "header\n");
      for (size_t at = 0; at < sent.size(); at += piece) {
        const size_t count = std::min(piece, sent.size() - at);
        Write(pipe, {sent.begin() + static_cast<long>(at), sent.begin() + static_cast<long>(at + count)});
      }
      pipe.CloseWriteEnd();
    });
    std::string line;
    EXPECT_TRUE(pipe.ReadLine(line, 100));
    EXPECT_EQ(line, "header");
    std::vector<uint8_t> got(sent.size());
    EXPECT_TRUE(pipe.Read(got.data(), got.size()));
    EXPECT_EQ(got, sent);
    EXPECT_FALSE(pipe.Read(got.data(), 1));
    writer.join();
  }
}

TEST(FramePipe, ALineEndsAtItsLimitAndWithTheStream) {
  FramePipe pipe;
  Write(pipe, "12345678\nabc");
  pipe.CloseWriteEnd();
  std::string line;
  EXPECT_TRUE(pipe.ReadLine(line, 4));
  EXPECT_EQ(line, "12345");
  EXPECT_TRUE(pipe.ReadLine(line, 4));
  EXPECT_EQ(line, "678");
  EXPECT_FALSE(pipe.ReadLine(line, 4));
}

TEST(FramePipe, WhatIsSkippedIsLeftOutHoweverItIsWritten) {
  const std::string unwanted(3 << 20, 'x');
  FramePipe pipe;
  std::thread writer([&] {
    Write(pipe, "ab");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    Write(pipe, unwanted + "cd");
    pipe.CloseWriteEnd();
  });
  uint8_t data[2];
  EXPECT_TRUE(pipe.Read(data, 1));
  EXPECT_TRUE(pipe.Skip(1 + unwanted.size()));
  EXPECT_TRUE(pipe.Read(data, 2));
  EXPECT_EQ(data[0], 'c');
  EXPECT_TRUE(pipe.Skip(0));
  EXPECT_FALSE(pipe.Skip(1));
  writer.join();
}

TEST(FramePipe, AnUnfinishedBlockIsNone) {
  FramePipe pipe;
  Write(pipe, "123");
  pipe.CloseWriteEnd();
  uint8_t data[4];
  EXPECT_FALSE(pipe.Read(data, sizeof data));
}

TEST(FramePipe, InterruptEndsTheReadUnderWayAndAllLaterOnes) {
  FramePipe pipe;
  std::thread interrupter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    pipe.Interrupt();
  });
  uint8_t byte;
  EXPECT_FALSE(pipe.Read(&byte, 1));
  Write(pipe, "x");
  EXPECT_FALSE(pipe.Read(&byte, 1));
  interrupter.join();
}

TEST(FramePipe, ClosedItReadsNothing) {
  FramePipe pipe;
  pipe.Close();
  pipe.Close();
  EXPECT_EQ(pipe.write_end(), -1);
  uint8_t byte;
  EXPECT_FALSE(pipe.Read(&byte, 1));
}

}  // namespace
}  // namespace ghostcam

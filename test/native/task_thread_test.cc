#include "base/task_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

namespace ghostcam {
namespace {

TEST(TaskThread, RunsTasksInOrder) {
  std::vector<int> order;
  std::promise<void> done;
  TaskThread thread([] {});
  for (int i = 0; i < 100; i++)
    ASSERT_TRUE(thread.Post([&order, i](bool run) { order.push_back(run ? i : -1); }));
  thread.Post([&](bool) { done.set_value(); });
  done.get_future().wait();
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; i++) EXPECT_EQ(order[i], i);
}

TEST(TaskThread, StopLetsTheTaskUnderWayFinishAndCancelsTheRest) {
  std::promise<void> started, release;
  std::atomic<int> ran{0}, cancelled{0}, last{0};
  TaskThread thread([] {});
  thread.Post([&](bool) {
    started.set_value();
    release.get_future().wait();
    ran++;
  });
  thread.Post([&](bool run) { run ? ran++ : cancelled++; });
  started.get_future().wait();
  EXPECT_TRUE(thread.Stop([&](bool) { last++; }));
  EXPECT_FALSE(thread.Stop([&](bool) { last++; }));
  EXPECT_FALSE(thread.Post([&](bool) { ran++; }));
  release.set_value();
  thread.Join();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(cancelled, 1);
  EXPECT_EQ(last, 1);
}

TEST(TaskThread, JoinInterruptsTheTaskUnderWay) {
  std::atomic<bool> interrupted{false};
  std::promise<void> started;
  TaskThread thread([&] { interrupted = true; });
  thread.Post([&](bool) {
    started.set_value();
    while (!interrupted) std::this_thread::yield();
  });
  started.get_future().wait();
  thread.Join();
  thread.Join();
}

TEST(TaskThread, CountsTheCpuTimeOfItsThreadAndOfThoseItStarted) {
  auto burn = [] {
    for (auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
         std::chrono::steady_clock::now() < end;) {
    }
  };
  std::promise<void> done;
  TaskThread thread([] {});
  thread.Post([&](bool) {
    std::thread pool(burn);
    burn();
    pool.join();
    done.set_value();
  });
  done.get_future().wait();
  double seconds = thread.CpuSeconds();
  EXPECT_GT(seconds, 0.005);
  thread.Join();
  EXPECT_GE(thread.CpuSeconds(), seconds);
}

}  // namespace
}  // namespace ghostcam

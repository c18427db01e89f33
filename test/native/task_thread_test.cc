#include "base/task_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "burn.h"

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
  std::promise<void> burned, measured;
  TaskThread thread([] {});
  thread.Post([&](bool) {
    std::promise<void> pool_burned;
    std::thread pool([&] {
      Burn(0.02);
      pool_burned.set_value();
      measured.get_future().wait();
    });
    Burn(0.02);
    pool_burned.get_future().wait();
    burned.set_value();
    pool.join();
  });
  burned.get_future().wait();
  const double seconds = thread.CpuSeconds();
  EXPECT_GE(seconds, 0.04);
  measured.set_value();
  thread.Join();
  EXPECT_GE(thread.CpuSeconds(), seconds);
}

}  // namespace
}  // namespace ghostcam

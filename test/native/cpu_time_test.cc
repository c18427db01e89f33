#include "base/cpu_time.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "burn.h"

namespace ghostcam {
namespace {

TEST(ProcessCpuSeconds, CountsAllThreadsOfTheProcess) {
  const double before = ProcessCpuSeconds(getpid()).value();
  std::thread other([] { Burn(0.03); });
  Burn(0.03);
  other.join();
  EXPECT_GE(ProcessCpuSeconds(getpid()).value() - before, 0.06);
}

TEST(ProcessCpuSeconds, IsThatOfAChildUntilItIsReaped) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Burn(0.05);
    _exit(0);
  }
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_GE(ProcessCpuSeconds(child).value(), 0.05);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(ProcessCpuSeconds(child).has_value());
}

TEST(ProcessCpuSeconds, IsNothingForNumbersThatNoProcessHas) {
  for (pid_t process : {0, -1, -2, -1000, 1 << 30}) EXPECT_FALSE(ProcessCpuSeconds(process)) << process;
}

TEST(ThreadCpuSeconds, CountsTheCallingThreadAlone) {
  const double before = ThreadCpuSeconds();
  std::thread([] { Burn(0.2); }).join();
  EXPECT_LT(ThreadCpuSeconds() - before, 0.1);
}

TEST(NamedThreadsCpuSeconds, CountsTheLiveThreadsWithTheName) {
  std::promise<void> burned[2], end;
  std::shared_future<void> ended = end.get_future().share();
  auto run = [&](int thread) {
    pthread_setname_np(pthread_self(), "a name (1)");
    Burn(0.03);
    burned[thread].set_value();
    ended.wait();
  };
  std::thread one(run, 0), two(run, 1);
  for (std::promise<void>& promise : burned) promise.get_future().wait();
  EXPECT_GE(NamedThreadsCpuSeconds("a name (1)"), 0.06);
  end.set_value();
  one.join();
  two.join();
  EXPECT_EQ(NamedThreadsCpuSeconds("a name (1)"), 0);
}

TEST(NamedThreadsCpuSeconds, IsZeroForANameThatNoThreadHas) {
  for (const char* name : {"nobody", ""}) EXPECT_EQ(NamedThreadsCpuSeconds(name), 0) << name;
}

}  // namespace
}  // namespace ghostcam

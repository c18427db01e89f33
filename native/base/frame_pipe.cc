// A pipe through which another program sends frames.
#include "base/frame_pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ghostcam {
namespace {

/// What a user without privileges may ask for by default (pipe(7), /proc/sys/fs/pipe-max-size): most frames
/// fit, so that the writer need not be woken in the middle of one.
constexpr int kPipeBytes = 1 << 20;

void CloseDescriptor(int& descriptor) {
  if (descriptor >= 0) close(descriptor);
  descriptor = -1;
}

}  // namespace

FramePipe::FramePipe() {
  int ends[2];
  interrupt_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (interrupt_ < 0 || pipe2(ends, O_CLOEXEC) != 0) return;
  read_end_ = ends[0], write_end_ = ends[1];
  fcntl(read_end_, F_SETFL, O_NONBLOCK);
  // Refused to a user with too many pipes of this size; the pipe then works as it is.
  fcntl(read_end_, F_SETPIPE_SZ, kPipeBytes);
}

void FramePipe::CloseWriteEnd() { CloseDescriptor(write_end_); }

void FramePipe::Close() noexcept {
  for (int* descriptor : {&write_end_, &read_end_, &interrupt_}) CloseDescriptor(*descriptor);
}

bool FramePipe::ReadLine(std::string& line, size_t max_bytes) {
  line.clear();
  // Byte by byte: what follows the line belongs to the buffer of the next read.
  for (uint8_t byte; line.size() <= max_bytes; line += static_cast<char>(byte)) {
    if (!Read(&byte, 1)) return false;
    if (byte == '\n') return true;
  }
  return true;
}

bool FramePipe::Read(uint8_t* data, size_t bytes) {
  return Take(bytes, [this, &data](size_t left) {
    const ssize_t count = read(read_end_, data, left);
    if (count > 0) data += count;
    return count;
  });
}

bool FramePipe::Skip(size_t bytes) {
  // Pages that are moved there are not copied.
  static const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  return Take(bytes, [this](size_t left) {
    if (nowhere >= 0) return splice(read_end_, nullptr, nowhere, nullptr, left, SPLICE_F_NONBLOCK);
    char unread[4096];
    return read(read_end_, unread, std::min(left, sizeof unread));
  });
}

/// Calls `some`, which takes up to so many bytes and returns what read(2) returns, until `bytes` are taken.
template <typename Some>
bool FramePipe::Take(size_t bytes, Some some) {
  while (bytes > 0) {
    if (interrupted_) return false;
    const ssize_t count = some(bytes);
    if (count > 0) {
      bytes -= static_cast<size_t>(count);
    } else if (count < 0 && errno == EAGAIN) {
      pollfd waiting[] = {{read_end_, POLLIN, 0}, {interrupt_, POLLIN, 0}};
      poll(waiting, 2, -1);
    } else if (count == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

void FramePipe::Interrupt() noexcept {
  interrupted_ = true;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(interrupt_, &one, sizeof one);
}

}  // namespace ghostcam

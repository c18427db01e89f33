// A pipe through which another program sends frames.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace ghostcam {

/// The two ends of a pipe. One thread at a time reads; Interrupt() may be called from any thread.
class FramePipe {
 public:
  /// Makes the pipe. Where the process has no file descriptor left for one, write_end() is -1 and every read
  /// finds the end of the stream.
  FramePipe();
  ~FramePipe() { Close(); }
  FramePipe(const FramePipe&) = delete;
  FramePipe& operator=(const FramePipe&) = delete;

  /// The file descriptor to be inherited by the program that writes, closed on exec otherwise.
  int write_end() const { return write_end_; }
  /// Closes this process's copy of it, without which the stream would have no end. Idempotent.
  void CloseWriteEnd();

  /// Reads up to a newline, which is left out, or up to one byte more than `max_bytes`. Returns false when
  /// the stream ended or reading was interrupted before that.
  bool ReadLine(std::string& line, size_t max_bytes);
  /// Reads so many bytes. Returns false when the stream ended or reading was interrupted before that.
  bool Read(uint8_t* data, size_t bytes);
  /// As Read, of bytes that nobody wants.
  bool Skip(size_t bytes);

  /// Closes both ends, for when nobody reads. Idempotent.
  void Close() noexcept;

  /// Makes the current read and all later ones return false.
  void Interrupt() noexcept;

 private:
  template <typename Some>
  bool Take(size_t bytes, Some some);

  int read_end_ = -1;
  int write_end_ = -1;
  std::atomic<bool> interrupted_{false};
  int interrupt_ = -1;  // an eventfd, which wakes the thread that waits for bytes
};

}  // namespace ghostcam

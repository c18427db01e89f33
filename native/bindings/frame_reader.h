// The JS class FrameReader, the frames that another program writes.
#pragma once

#include <napi.h>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/frame_pipe.h"
#include "base/task_thread.h"
#include "bindings/motion_meter.h"

namespace ghostcam {

/// The class behind src/capture/y4m.ts: a pipe and a thread that reads from it into memory of JS, so that the
/// event loop is woken once for each frame that is wanted. One read at a time.
class FrameReader : public Napi::ObjectWrap<FrameReader> {
 public:
  static Napi::Function Define(Napi::Env env);

  /// new FrameReader()
  explicit FrameReader(const Napi::CallbackInfo& info);
  ~FrameReader() override;

 private:
  /// writeEnd(): the file descriptor for the program that writes; -1 where there is none left.
  Napi::Value WriteEnd(const Napi::CallbackInfo& info);

  /// closeWriteEnd(): to be called once that program has it.
  void CloseWriteEnd(const Napi::CallbackInfo& info);

  /// readLine(): a promise of the next line without its newline, or of as much of it as is above the limit of
  /// YUV4MPEG2's lines in src/capture/y4m.ts; undefined at the end of the stream.
  Napi::Value ReadLine(const Napi::CallbackInfo& info);

  /// readFrame(pixels, watch): fills the Uint8Array with what follows the next line, if that begins a frame
  /// of YUV4MPEG2. With a watch, { meter, width, height, area, learn, sinceMs, forMs }, frames of which the
  /// MotionMeter says that less than the area has changed are skipped for forMs milliseconds; the meter has
  /// measured the frame before sinceMs milliseconds ago. A promise of { ageMs, share }, the milliseconds
  /// since the last byte was read and, with a watch, what the meter said; of the line, as of readLine(), when
  /// it begins no frame; undefined at the end of the stream. The pixels must not be touched before it
  /// resolves. Throws FRAME where the pixels are fewer than the watch says.
  Napi::Value ReadFrame(const Napi::CallbackInfo& info);

  /// takeSkipped(): how many frames were skipped since the last call, also while a read is under way.
  Napi::Value TakeSkipped(const Napi::CallbackInfo& info);

  /// silentMs(): milliseconds since a frame was read, or skipped, also while a read is under way; Infinity
  /// before the first one.
  Napi::Value SilentMs(const Napi::CallbackInfo& info);

  /// recall(): the read under way resolves with the next frame, whatever its watch says.
  void Recall(const Napi::CallbackInfo& info);

  /// close(): ends the reading, also one that is under way, which then resolves with undefined. Idempotent.
  void Close(const Napi::CallbackInfo& info);

  /// A read and what came of it.
  struct Reading {
    FrameReader* owner;
    Napi::Promise::Deferred deferred;
    std::optional<std::string> line;  // the result, unless it is a frame
    double completed_at = 0;          // of a frame, in milliseconds of the steady clock
    std::optional<double> share;      // of a frame that was measured
  };
  /// What lets frames be skipped.
  struct Watch {
    MotionMeter* meter;
    int width, height;
    double area;
    bool learn;
    double measured_at, until;  // milliseconds of the steady clock
  };
  /// Resolves a reading's promise and deletes the reading, on the JS thread.
  static void Settle(Napi::Env env, Napi::Function, std::nullptr_t*, Reading* reading);
  using Settler = Napi::TypedThreadSafeFunction<std::nullptr_t, Reading, Settle>;

  /// Runs `work` on the reading thread, and resolves the promise with what it wrote to the reading.
  Napi::Value Submit(Napi::Env env, std::function<void(Reading&)> work);
  std::optional<Watch> ToWatch(const Napi::CallbackInfo& info, size_t bytes);
  void ReadFrameInto(Reading& reading, uint8_t* data, size_t bytes, std::optional<Watch> watch);
  /// Reads the line that begins the next frame. Returns false when there is none; the reading then has the
  /// line that begins no frame.
  bool BeginFrame(Reading& reading);
  /// Measures how much has changed in a frame of which the luma was read. Returns whether nobody wants it.
  bool MaySkip(Reading& reading, Watch& watch, const uint8_t* luma);
  /// Ends the reading thread. Idempotent.
  void ShutDown();
  static void OnCleanup(void* self) { static_cast<FrameReader*>(self)->ShutDown(); }

  Napi::Env env_;
  Settler settler_;
  bool shut_down_ = false;
  // Keep what the newest read uses alive.
  Napi::Reference<Napi::Uint8Array> pixels_;
  Napi::ObjectReference meter_;
  std::atomic<uint32_t> skipped_{0};
  std::atomic<bool> recalled_{false};
  std::atomic<double> newest_at_{-HUGE_VAL};  // milliseconds of the steady clock
  FramePipe pipe_;
  TaskThread thread_;
};

}  // namespace ghostcam

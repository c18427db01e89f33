// A filter for messages that Debian's ONNX Runtime prints when it loads a model.
#include "onnxruntime/schema_error_filter.h"

#include <dlfcn.h>

#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>

namespace ghostcam {
namespace {

/// A stream buffer that passes all lines but the dropped ones on to another buffer. Any thread may write to
/// it.
class LineFilter : public std::streambuf {
 public:
  void PassTo(std::streambuf* next) { next_ = next; }
  /// Passes on a last line without a line end.
  void Flush() {
    std::lock_guard<std::mutex> lock(mutex_);
    next_->sputn(line_.data(), static_cast<std::streamsize>(line_.size()));
    line_.clear();
  }

 protected:
  std::streamsize xsputn(const char* text, std::streamsize count) override {
    std::lock_guard<std::mutex> lock(mutex_);
    for (std::streamsize i = 0; i < count; i++) Put(text[i]);
    return count;
  }
  int_type overflow(int_type character) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!traits_type::eq_int_type(character, traits_type::eof())) Put(traits_type::to_char_type(character));
    return traits_type::not_eof(character);
  }

 private:
  void Put(char character) {
    line_ += character;
    if (character != '\n') return;
    const bool dropped = line_.rfind("Schema error: Trying to register schema", 0) == 0;
    // Each message is followed by an empty line.
    const bool empty_after = after_dropped_ && line_ == "\n";
    if (!dropped && !empty_after) next_->sputn(line_.data(), static_cast<std::streamsize>(line_.size()));
    after_dropped_ = dropped;
    line_.clear();
  }

  std::mutex mutex_;
  std::streambuf* next_ = nullptr;
  std::string line_;
  bool after_dropped_ = false;
};

/// The std::cerr that a library loaded by dlopen() uses. An addon with libstdc++ linked in has another one.
std::ostream* SharedCerr() { return static_cast<std::ostream*>(dlsym(RTLD_DEFAULT, "_ZSt4cerr")); }

/// Never destroyed, because a thread may still be writing while the filter is removed.
struct State {
  std::mutex mutex;
  int users = 0;
  LineFilter filter;
  std::streambuf* original = nullptr;
};
State& Shared() {
  static auto* state = new State;
  return *state;
}

}  // namespace

SchemaErrorFilter::SchemaErrorFilter() {
  State& state = Shared();
  std::lock_guard<std::mutex> lock(state.mutex);
  std::ostream* cerr = SharedCerr();
  if (state.users++ > 0 || cerr == nullptr) return;
  state.original = cerr->rdbuf();
  state.filter.PassTo(state.original);
  cerr->rdbuf(&state.filter);
}

SchemaErrorFilter::~SchemaErrorFilter() {
  State& state = Shared();
  std::lock_guard<std::mutex> lock(state.mutex);
  if (--state.users > 0 || state.original == nullptr) return;
  SharedCerr()->rdbuf(state.original);
  state.filter.Flush();
  state.original = nullptr;
}

}  // namespace ghostcam

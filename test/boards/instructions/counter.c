/* A plugin for QEMU's user-mode emulation (plugin API 1: QEMU 4.2 to 8.2, Debian 12 has 7.2): counts the
 * instructions that a program executes. Each time the program asks for its parent's number (getppid), which
 * it does to say that a stage is over, the number so far is appended to the file named by the argument
 * `out=FILE`. One counter without locks: right for programs whose work is done by one thread.
 * https://www.qemu.org/docs/master/devel/tcg-plugins.html */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* What is used here of the interface, which QEMU's package for users does not declare. */
typedef uint64_t PluginId;
struct Block;
typedef void SyscallCallback(PluginId id, unsigned cpu, int64_t number, uint64_t, uint64_t, uint64_t,
                             uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
extern void qemu_plugin_register_vcpu_tb_trans_cb(PluginId id, void (*callback)(PluginId, struct Block*));
extern size_t qemu_plugin_tb_n_insns(const struct Block* block);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct Block* block, int operation, void* counter,
                                                     uint64_t addend);
extern void qemu_plugin_register_vcpu_syscall_cb(PluginId id, SyscallCallback* callback);
enum { kInlineAdd = 0 };

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

/* Of Linux on arm64. */
enum { kGetppid = 173 };

static uint64_t executed;
static FILE* out;

static void OnTranslation(PluginId id, struct Block* block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(block, kInlineAdd, &executed, qemu_plugin_tb_n_insns(block));
}

static void OnSyscall(PluginId id, unsigned cpu, int64_t number, uint64_t a, uint64_t b, uint64_t c,
                      uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
  (void)id, (void)cpu, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
  if (number != kGetppid) return;
  fprintf(out, "%" PRIu64 "\n", executed);
  fflush(out);
}

__attribute__((visibility("default"))) int qemu_plugin_install(PluginId id, const void* info, int count,
                                                               char** arguments) {
  (void)info;
  if (count == 1 && strncmp(arguments[0], "out=", 4) == 0) out = fopen(arguments[0] + 4, "w");
  if (out == NULL) {
    fprintf(stderr, "counter: give it out=FILE, a file that can be written\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnTranslation);
  qemu_plugin_register_vcpu_syscall_cb(id, OnSyscall);
  return 0;
}

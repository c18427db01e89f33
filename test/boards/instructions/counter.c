/* A plugin for QEMU's user-mode emulation (plugin API 1: QEMU 4.2 to 8.2, Debian 12 has 7.2): counts the
 * instructions that a program executes, and writes the number to the file named by its argument `out=FILE`
 * when the program ends. One counter without locks: right for programs whose work is done by one thread.
 * https://www.qemu.org/docs/master/devel/tcg-plugins.html */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* What is used here of the interface, which QEMU's package for users does not declare. */
typedef uint64_t PluginId;
struct Block;
extern void qemu_plugin_register_vcpu_tb_trans_cb(PluginId id, void (*callback)(PluginId, struct Block*));
extern size_t qemu_plugin_tb_n_insns(const struct Block* block);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct Block* block, int operation, void* counter,
                                                     uint64_t addend);
extern void qemu_plugin_register_atexit_cb(PluginId id, void (*callback)(PluginId, void*), void* data);
enum { kInlineAdd = 0 };

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t executed;
static char out[4096];

static void OnTranslation(PluginId id, struct Block* block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(block, kInlineAdd, &executed, qemu_plugin_tb_n_insns(block));
}

static void OnExit(PluginId id, void* data) {
  (void)id;
  (void)data;
  FILE* file = fopen(out, "w");
  if (file == NULL) return;
  fprintf(file, "%llu\n", (unsigned long long)executed);
  fclose(file);
}

__attribute__((visibility("default"))) int qemu_plugin_install(PluginId id, const void* info, int count,
                                                               char** arguments) {
  (void)info;
  if (count != 1 || strncmp(arguments[0], "out=", 4) != 0) {
    fprintf(stderr, "counter: give it out=FILE\n");
    return 1;
  }
  snprintf(out, sizeof out, "%s", arguments[0] + 4);
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnTranslation);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}

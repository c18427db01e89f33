#pragma once

// Compiles a function several times and picks the best for this processor when the library is loaded (an
// ifunc, which needs GCC and glibc). x86-64-v3 is AVX2 with FMA, v4 AVX-512; arm64 has NEON in its baseline
// and needs none of this. Whatever is called inside must be inlined, or it stays baseline code. The
// sanitizers run before ifuncs can.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define GHOSTCAM_MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GHOSTCAM_MULTIVERSION
#endif
#define GHOSTCAM_INLINE __attribute__((always_inline)) inline

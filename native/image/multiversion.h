// Function multiversioning for pixel loops.
#pragma once

// GHOSTCAM_MULTIVERSION compiles a function for several instruction sets, and the dynamic linker chooses the
// best for the processor (an ifunc, which needs GCC and glibc). x86-64-v3 is AVX2 with FMA, x86-64-v4 is
// AVX-512; arm64 has NEON in its baseline and needs no versions. Functions that it calls must be
// GHOSTCAM_INLINE, or they are baseline code. AddressSanitizer's start-up code runs before ifuncs are
// resolved, so it excludes them.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define GHOSTCAM_MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GHOSTCAM_MULTIVERSION
#endif
#define GHOSTCAM_INLINE __attribute__((always_inline)) inline

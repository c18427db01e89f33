// How the C library's heap treats large blocks and many threads.
#pragma once

namespace ghostcam {

/// Makes every freed block of 256 KiB or more go back to the system at once. glibc would keep such blocks for
/// reuse, in one heap per thread: the pictures of events then cost 160 MB more than they need. Does nothing
/// with another C library.
void ReturnLargeBlocks();

/// Makes threads that begin from now on share the heaps that there are. glibc would give them new ones, up to
/// eight for each core, and what is free in one heap is of no use to another: threads that come and go, as
/// those of cameras and of libvips do, make all of them as large as the largest needs to be. Does nothing
/// with another C library, or when more than eight heaps were begun before (malloc/arena.c).
void ShareHeaps();

}  // namespace ghostcam

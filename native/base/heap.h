// How the C library's heap treats large blocks.
#pragma once

namespace ghostcam {

/// Makes every freed block of 256 KiB or more go back to the system at once. glibc would keep such blocks for
/// reuse, in one heap per thread: the pictures of events then cost 160 MB more than they need. Does nothing
/// with another C library.
void ReturnLargeBlocks();

}  // namespace ghostcam

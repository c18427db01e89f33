#pragma once

namespace ghostcam {

/// Lets every freed block of a quarter of a megabyte or more go back to the system. glibc would keep them for
/// next time, in one heap per thread: the pictures of events then cost 160 MB more than they need.
void ReturnLargeBlocks();

}  // namespace ghostcam

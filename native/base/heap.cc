// How the C library's heap treats large blocks.
#include "base/heap.h"

#include <cstdlib>  // defines __GLIBC__ where it is glibc

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ghostcam {

void ReturnLargeBlocks() {
#ifdef __GLIBC__
  // Setting the threshold also stops glibc from raising it to the size of the largest block that was freed
  // (mallopt(3)).
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
#endif
}

}  // namespace ghostcam

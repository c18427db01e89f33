#include "heap.h"

#include <cstdlib>  // defines __GLIBC__ where it is glibc

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ghostcam {

void ReturnLargeBlocks() {
#ifdef __GLIBC__
  // Setting it also ends its growth to the size of the largest block that was ever freed, see mallopt(3).
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
#endif
}

}  // namespace ghostcam

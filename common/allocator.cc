#include "common/allocator.h"

#include <malloc.h>

namespace drover {

void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that it takes
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

}  // namespace drover

#include "replay/table_snapshot.h"

namespace drover {

TableSnapshot::~TableSnapshot() {
  for (const Slot& slot : slots) {
    if (slot.occupied()) slot.window.Release(steps_of_chunk_);
  }
}

}  // namespace drover

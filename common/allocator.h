#ifndef DROVER_COMMON_ALLOCATOR_H_
#define DROVER_COMMON_ALLOCATOR_H_

namespace drover {

// Has malloc keep what is freed, up to 1 GiB, and take blocks of up to 32 MiB from what it keeps:
// a train step allocates the same megabytes each time, and to get them from the system anew costs
// a page fault for each 4 KiB. Call once, when the process starts.
void KeepFreedMemory();

}  // namespace drover

#endif  // DROVER_COMMON_ALLOCATOR_H_

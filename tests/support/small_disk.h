#ifndef DROVER_TESTS_SUPPORT_SMALL_DISK_H_
#define DROVER_TESTS_SUPPORT_SMALL_DISK_H_

#include <string>

namespace drover {

// Mounts an empty disk of so many bytes at `path`, which it makes, for the calling thread and the
// processes that it starts from now on; it goes with them. False: this process may not.
bool MountSmallDisk(const std::string& path, size_t bytes);

// Fills a disk to the last byte, with one file.
void FillDisk(const std::string& file);

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_SMALL_DISK_H_

#ifndef DROVER_DEPLOY_DOCTOR_MACHINE_H_
#define DROVER_DEPLOY_DOCTOR_MACHINE_H_

#include <cstdint>
#include <string>

namespace drover {

// What processes that this one starts may take of its machine: what there is, or less where a
// control group (a container, a job) or a limit of the user's says so.
struct Machine {
  double cores = 0;
  uint64_t memory_bytes = 0;  // free, and at most what the control group may have
  uint64_t open_files = 0;    // of each process; the hard limit, to which ours go (RaiseOpenFiles)
  uint64_t threads = 0;       // of all processes of this user
  bool nvidia_driver = false;
};

// `root` stands before /proc and /sys, whose files it reads.
Machine ReadMachine(const std::string& root = "");

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_MACHINE_H_

#ifndef DROVER_BENCH_CONTROL_STUB_H_
#define DROVER_BENCH_CONTROL_STUB_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"

// The members' side of `drover bench control`: a process that stands for the actors of some hosts.
namespace drover {

struct ControlStubOptions {
  std::string coordinator;   // as common/rpc/run_address.h
  uint32_t first_actor = 0;  // index
  int actors = 1;
  bool learner = false;  // it stands for the learner, too
};

// Keeps the places of its members until `stop`, as actors and a learner do: each a
// CoordinatorSession with a connection of its own that reports each second, and steps no
// environment. Returns why a member lost its place.
absl::Status RunControlStub(const ControlStubOptions& options, const std::function<bool()>& stop);

}  // namespace drover

#endif  // DROVER_BENCH_CONTROL_STUB_H_

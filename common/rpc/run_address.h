#ifndef DROVER_COMMON_RPC_RUN_ADDRESS_H_
#define DROVER_COMMON_RPC_RUN_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Where a run's coordinator is: an address of common/rpc/address.h, or "run:DIR", the run directory
// that it wrote its address into. The latter stays right where a scheduler moves it to another
// host.
namespace drover {

constexpr char kAddressFile[] = "coordinator.address";  // in a run directory: an Endpoint

// The address to reach it now. UNAVAILABLE: the directory has none yet; INVALID_ARGUMENT: the file
// is damaged, or nothing of it can be reached from here.
absl::StatusOr<std::string> FindCoordinator(const std::string& address);

// INVALID_ARGUMENT, unless `address` has one of these forms.
absl::Status CheckCoordinatorAddress(const std::string& address);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_RUN_ADDRESS_H_

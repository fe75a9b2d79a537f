#ifndef DROVER_ENV_REGISTRY_H_
#define DROVER_ENV_REGISTRY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "env/environment.h"
#include "env/vector_environment.h"
#include "proto/experiment.pb.h"

// The environments by their ids: a plain table in registry.cc. Safe from any thread.
namespace drover {

// All ids, sorted.
std::vector<std::string> ListEnvironments();

// A new copy, not yet reset. An unknown id is NotFound and says what was probably meant; an option
// that the environment does not have is InvalidArgument.
absl::StatusOr<std::unique_ptr<Environment>> MakeEnvironment(
    absl::string_view id, const EnvironmentOptions& options = {});

// `count` new copies, 1 or more, that play the episodes of `key`. Errors as above.
absl::StatusOr<std::unique_ptr<VectorEnvironment>> MakeVectorEnvironment(
    absl::string_view id, int count, const EpisodeKey& key, const EnvironmentOptions& options = {});

}  // namespace drover

#endif  // DROVER_ENV_REGISTRY_H_

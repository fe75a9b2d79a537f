#include "env/registry.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/near_match.h"
#include "common/status_macros.h"
#include "env/acrobot.h"
#include "env/cartpole.h"
#include "env/catch.h"
#include "env/mountain_car_continuous.h"
#include "env/pendulum.h"
#include "env/tmaze.h"

namespace drover {
namespace {

template <typename T>
std::unique_ptr<Environment> Make(const EnvironmentOptions& /*options*/) {
  return std::make_unique<T>();
}

std::unique_ptr<Environment> MakeTMaze(const EnvironmentOptions& options) {
  return std::make_unique<TMaze>(options.has_length() ? static_cast<int>(options.length())
                                                      : TMaze::kDefaultLength);
}

struct Entry {
  absl::string_view id;
  std::unique_ptr<Environment> (*make)(const EnvironmentOptions& options);
  bool has_length = false;
};

// Sorted by id.
constexpr Entry kEnvironments[] = {
    {"Acrobot-v1", &Make<Acrobot>},   {"CartPole-v1", &Make<CartPole>},
    {"Catch-v0", &Make<Catch>},       {"MountainCarContinuous-v0", &Make<MountainCarContinuous>},
    {"Pendulum-v1", &Make<Pendulum>}, {"TMaze-v0", &MakeTMaze, true},
};

}  // namespace

std::vector<std::string> ListEnvironments() {
  std::vector<std::string> ids;
  for (const Entry& entry : kEnvironments) ids.emplace_back(entry.id);
  return ids;
}

absl::StatusOr<std::unique_ptr<Environment>> MakeEnvironment(absl::string_view id,
                                                             const EnvironmentOptions& options) {
  for (const Entry& entry : kEnvironments) {
    if (entry.id != id) continue;
    if (options.has_length() && !entry.has_length) {
      return absl::InvalidArgumentError(
          absl::StrCat("environment \"", id, "\" has no length to choose"));
    }
    return entry.make(options);
  }
  return absl::NotFoundError(UnknownName("environment", id, ListEnvironments()));
}

absl::StatusOr<std::unique_ptr<VectorEnvironment>> MakeVectorEnvironment(
    absl::string_view id, int count, const EpisodeKey& key, const EnvironmentOptions& options) {
  std::vector<std::unique_ptr<Environment>> copies;
  for (int i = 0; i < count; ++i) {
    DROVER_ASSIGN_OR_RETURN(std::unique_ptr<Environment> copy, MakeEnvironment(id, options));
    copies.push_back(std::move(copy));
  }
  return std::make_unique<VectorEnvironment>(std::move(copies), key);
}

}  // namespace drover

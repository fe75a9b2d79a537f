#include "env/registry.h"

#include <utility>

#include "absl/status/status.h"
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
std::unique_ptr<Environment> Make() {
  return std::make_unique<T>();
}

struct Entry {
  absl::string_view id;
  std::unique_ptr<Environment> (*make)();
};

// Sorted by id.
constexpr Entry kEnvironments[] = {
    {"Acrobot-v1", &Make<Acrobot>},   {"CartPole-v1", &Make<CartPole>},
    {"Catch-v0", &Make<Catch>},       {"MountainCarContinuous-v0", &Make<MountainCarContinuous>},
    {"Pendulum-v1", &Make<Pendulum>}, {"TMaze-v0", &Make<TMaze>},
};

}  // namespace

std::vector<std::string> ListEnvironments() {
  std::vector<std::string> ids;
  for (const Entry& entry : kEnvironments) ids.emplace_back(entry.id);
  return ids;
}

absl::StatusOr<std::unique_ptr<Environment>> MakeEnvironment(absl::string_view id) {
  for (const Entry& entry : kEnvironments) {
    if (entry.id == id) return entry.make();
  }
  return absl::NotFoundError(UnknownName("environment", id, ListEnvironments()));
}

absl::StatusOr<std::unique_ptr<VectorEnvironment>> MakeVectorEnvironment(absl::string_view id,
                                                                         int count,
                                                                         const EpisodeKey& key) {
  std::vector<std::unique_ptr<Environment>> copies;
  for (int i = 0; i < count; ++i) {
    DROVER_ASSIGN_OR_RETURN(std::unique_ptr<Environment> copy, MakeEnvironment(id));
    copies.push_back(std::move(copy));
  }
  return std::make_unique<VectorEnvironment>(std::move(copies), key);
}

}  // namespace drover

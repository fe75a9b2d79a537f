#include "common/rpc/permissions.h"

#include <algorithm>
#include <map>

namespace drover {
namespace {

using Roles = std::vector<absl::string_view>;

bool Contains(const Roles& roles, absl::string_view role) {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

const std::map<absl::string_view, Roles>& Callers() {
  static const Roles members = {"learner", "replay", "actor"};
  static const Roles writers = {"actor"};
  static const Roles samplers = {"learner"};
  static const Roles watchers = {"viewer", "admin"};
  // A process may ask after its own health.
  static const Roles all = {"coordinator", "learner", "replay", "actor", "viewer", "admin"};
  static const Roles masters = {"admin"};
  static const auto* const callers = new std::map<absl::string_view, Roles>{
      {"/drover.Coordinator/Register", members},     {"/drover.Coordinator/Renew", members},
      {"/drover.Coordinator/WatchMembers", members}, {"/drover.Coordinator/Leave", members},
      {"/drover.Coordinator/Status", all},           {"/drover.Coordinator/Stop", masters},
      {"/drover.Coordinator/Scale", masters},        {"/drover.TrajectoryService/Stream", writers},
      {"/drover.WeightsService/Subscribe", writers}, {"/drover.GradientService/Push", writers},
      {"/drover.ReplayService/Insert", writers},     {"/drover.ReplayService/Sample", samplers},
      {"/drover.ReplayService/Update", samplers},    {"/drover.ReplayService/Configure", masters},
      {"/drover.ReplayService/Checkpoint", masters}, {"/drover.ReplayService/Info", watchers},
  };
  return *callers;
}

}  // namespace

const std::vector<std::string>& CertificateRoles() {
  static const auto* const roles =
      new std::vector<std::string>{"coordinator", "learner", "replay", "actor", "viewer", "admin"};
  return *roles;
}

bool Serves(absl::string_view role) { return Contains({"coordinator", "learner", "replay"}, role); }

bool MayCall(absl::string_view role, absl::string_view method) {
  const auto found = Callers().find(method);
  return found != Callers().end() && Contains(found->second, role);
}

bool MayBe(absl::string_view role, Role::Kind member) {
  switch (member) {
    case Role::learner:
      return role == "learner";
    case Role::replay:
      return role == "replay";
    case Role::actor:
    case Role::evaluator:
      return role == "actor";
    default:
      return false;
  }
}

}  // namespace drover

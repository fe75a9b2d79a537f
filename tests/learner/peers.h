#ifndef DROVER_TESTS_LEARNER_PEERS_H_
#define DROVER_TESTS_LEARNER_PEERS_H_

#include <cstdint>
#include <utility>

#include "proto/coordinator.pb.h"
#include "proto/trajectory.pb.h"
#include "proto/weights.pb.h"
#include "tests/learner/unrolls.h"

// Members of a made-up run, and what they say to the learner.
namespace drover::testing {

constexpr uint64_t kSpecHash = 99;
constexpr uint64_t kLayout = 5;
constexpr uint64_t kEpoch = 10;

constexpr uint64_t kActors = 40;        // members 1 … 40
constexpr uint64_t kEvaluator = 41;     // a member
constexpr uint64_t kReplayServer = 42;  // a member
inline MemberTable MembersAt(uint64_t version, uint64_t epoch = kEpoch) {
  MemberTable table;
  table.set_run_id("run");
  table.set_version(version);
  const auto add = [&](uint64_t id, Role::Kind role) {
    Member* member = table.add_members();
    member->set_member_id(id);
    member->set_epoch(epoch);
    member->set_role(role);
  };
  for (uint64_t id = 1; id <= kActors; ++id) add(id, Role::actor);
  add(kEvaluator, Role::evaluator);
  add(kReplayServer, Role::replay);
  return table;
}

inline ActorMessage HelloOf(uint64_t member) {
  ActorMessage message;
  Hello* hello = message.mutable_hello();
  hello->set_run_id("run");
  hello->set_member_id(member);
  hello->set_epoch(kEpoch);
  hello->set_table_version(1);
  hello->set_spec_hash(kSpecHash);
  hello->set_environments(kEnvironments);
  return message;
}

inline ActorMessage Message(Unrolls unrolls) {
  ActorMessage message;
  *message.mutable_unrolls() = std::move(unrolls);
  return message;
}

inline WeightsRequest FirstRequest(uint64_t member, uint64_t newer_than) {
  WeightsRequest request;
  request.set_run_id("run");
  request.set_member_id(member);
  request.set_epoch(kEpoch);
  request.set_table_version(1);
  request.set_layout_hash(kLayout);
  request.set_newer_than(newer_than);
  return request;
}

inline WeightsRequest NextRequest(uint64_t newer_than) {
  WeightsRequest request;
  request.set_newer_than(newer_than);
  return request;
}

}  // namespace drover::testing

#endif  // DROVER_TESTS_LEARNER_PEERS_H_

#ifndef DROVER_TESTS_REPLAY_MESSAGES_H_
#define DROVER_TESTS_REPLAY_MESSAGES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proto/replay.pb.h"
#include "tests/learner/unrolls.h"
#include "tests/support/replay_server.h"

// What writers and samplers say to a replay server.
namespace drover::testing {

template <typename Message>
Message ReplayHelloOf(uint64_t member, uint64_t epoch = kReplayEpoch) {
  Message message;
  ReplayHello* hello = message.mutable_hello();
  hello->set_run_id("run");
  hello->set_member_id(member);
  hello->set_epoch(epoch);
  hello->set_table_version(1);
  hello->set_spec_hash(kReplaySpecHash);
  hello->set_environments(kEnvironments);
  return message;
}

// One item of `table` for each step of each environment of `unrolls`, by step, then environment.
inline InsertMessage InsertOf(Unrolls unrolls, const std::string& table = "table",
                              const std::vector<float>& priorities = {}) {
  InsertMessage message;
  *message.mutable_insert()->mutable_unrolls() = std::move(unrolls);
  TableItems* items = message.mutable_insert()->add_items();
  items->set_table(table);
  for (uint32_t step = 0; step < kSteps; ++step) {
    for (uint32_t environment = 0; environment < kEnvironments; ++environment) {
      items->add_environments(environment);
      items->add_first_steps(static_cast<int32_t>(step));
    }
  }
  items->mutable_priorities()->Add(priorities.begin(), priorities.end());
  return message;
}
constexpr uint64_t kItemsAMessage = uint64_t{kSteps} * kEnvironments;

inline SampleMessage RequestOf(uint32_t batch, uint32_t batches = 1, uint64_t tag = 0,
                               const std::string& table = "table") {
  SampleMessage message;
  message.mutable_request()->set_table(table);
  message.mutable_request()->set_batch(batch);
  message.mutable_request()->set_batches(batches);
  message.mutable_request()->set_tag(tag);
  return message;
}

}  // namespace drover::testing

#endif  // DROVER_TESTS_REPLAY_MESSAGES_H_

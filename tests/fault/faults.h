#ifndef DROVER_TESTS_FAULT_FAULTS_H_
#define DROVER_TESTS_FAULT_FAULTS_H_

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "common/random.h"
#include "tests/support/cluster.h"

namespace drover {

// A run of Catch whose processes meet with accidents, and what must hold whatever happens to them.
// The moments are random: the seed is printed, and DROVER_FAULT_SEED sets it.
class FaultTest : public ClusterTest {
 protected:
  static constexpr uint64_t kMessageFrames = 144;  // of catch_impala: 9 steps, 16 environments

  FaultTest();

  // Train, at full speed: much is on its way at any moment.
  std::vector<std::string> TrainFast(const std::string& frames,
                                     const std::vector<std::string>& more) const;

  // Lets a random time pass, up to `most`.
  void Pause(std::chrono::milliseconds most);

  // kill -9 to a random process of a role, once there is one. Its pid.
  pid_t Kill(const std::string& role);

  // What status says of a member; null: nothing.
  nlohmann::json Member(const std::string& role, int index) const;
  // Waits until that holds of it, and returns it.
  nlohmann::json AwaitMember(const std::string& role, int index,
                             const std::function<bool(const nlohmann::json&)>& holds) const;
  // Of the member's waits, the seconds that it waits on this; 0: it does not.
  static double WaitsOn(const nlohmann::json& member, const std::string& on);

  // state.json of the newest checkpoint; null: there is none.
  nlohmann::json NewestCheckpoint() const;

  // The last checkpoint counts each frame once: by the sequence numbers of the actors' messages,
  // and by the episodes, which take 9 steps each and of which an unroll of 9 steps ends one.
  // Versions never went back.
  void CheckCounts() const;

  Random random_;
};

}  // namespace drover

#endif  // DROVER_TESTS_FAULT_FAULTS_H_

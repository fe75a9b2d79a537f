#ifndef DROVER_TESTS_SUPPORT_CLUSTER_H_
#define DROVER_TESTS_SUPPORT_CLUSTER_H_

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/file.h"
#include "tests/support/program.h"

namespace drover {

// A test that runs the real program, in a working directory of its own.
class ClusterTest : public ::testing::Test {
 protected:
  ClusterTest();
  // Whatever happened, no process is left.
  ~ClusterTest() override;

  // "drover" and these words.
  static std::vector<std::string> Drover(const std::vector<std::string>& words);

  // More than any test takes: such a run is there to be looked at.
  static constexpr char kManyFrames[] = "4000000000";

  // The flags for so many frames. A run of kManyFrames has slow environments, which leave the
  // machine to the tests beside it; "environment_options.step_seconds=0" after these undoes it.
  static std::vector<std::string> Budget(const std::string& frames, double step_seconds = 1e-4);

  // A run of Catch with two actors in run_dir(), for so many frames; `more` goes on its command
  // line.
  std::vector<std::string> Train(const std::string& frames,
                                 const std::vector<std::string>& more = {}) const;

  std::string run_dir() const { return directory_.path() + "/run"; }
  std::string Path(const std::string& name) const { return run_dir() + "/" + name; }
  bool Exists(const std::string& name) const;

  // What `drover status --json` says now; null where it fails.
  nlohmann::json Status() const;
  // Waits until the run trains: frames come in.
  void WaitForFrames(uint64_t more_than = 0) const;
  // pids of live members of a role.
  std::vector<pid_t> Members(const std::string& role) const;

  nlohmann::json Summary() const;
  std::vector<nlohmann::json> Metrics() const;

  TempDirectory directory_;
  ProcessMark mark_;
};

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_CLUSTER_H_

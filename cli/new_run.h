#ifndef DROVER_CLI_NEW_RUN_H_
#define DROVER_CLI_NEW_RUN_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/option.h"
#include "deploy/run_dir.h"
#include "proto/coordinator.pb.h"

namespace drover {

// Where a run that is about to start has its files: of `train` and `up`.
class NewRun {
 public:
  // Declares --run_dir and --resume. `this` must outlive the parsing.
  void AddTo(CLI::App* app);

  bool resume() const { return resume_; }

  // Takes the run directory, and writes into it what the run's processes are told; what a run that
  // is resumed said of its end is gone. Errors as RunDir::Open.
  absl::StatusOr<RunDir> Prepare(const Plan& plan) const;

 private:
  std::string run_dir_;
  bool resume_ = false;
};

}  // namespace drover

#endif  // DROVER_CLI_NEW_RUN_H_

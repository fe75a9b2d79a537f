#ifndef DROVER_DEPLOY_ENGINE_H_
#define DROVER_DEPLOY_ENGINE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "deploy/reconcile.h"
#include "deploy/run_dir.h"
#include "proto/experiment.pb.h"

namespace drover {

// A run, as the launcher that places its processes sees it.
struct Placement {
  std::string run_dir;           // absolute; all hosts see it, unless the engine knows better
  const RunDir* held = nullptr;  // the same, with its lock: of who launches, null with who asks
  Experiment experiment;         // resolved; where nothing is to be checked or launched, empty
  bool resume = false;           // the learner goes on from its newest checkpoint
  bool insecure = false;         // processes listen where anyone may come
  std::string http;              // the coordinator's --http; empty: no dashboard
  std::string certs;             // their certificates, as --certs; empty: none
  bool tcp = false;  // local: learner and replay servers listen on loopback, not on sockets
  std::vector<std::string> listen;  // more addresses for the coordinator
  std::string drover;               // the two executables
  std::string drover_agent;
};

// What places the processes of a run on machines, and keeps as many there as the coordinator wants:
// deploy/launcher.h calls it again and again. What is placed outlives a launcher where the engine
// is a cluster's scheduler: the next one finds it there and goes on. One thread.
//
// The engine notices what is lost and replaces it: a process that dies, a node that goes. All
// processes find each other through the coordinator.
class Engine {
 public:
  virtual ~Engine() = default;

  // Whether the run can be placed here at all, before anything is: FAILED_PRECONDITION with the
  // reason and what would be possible (no such scheduler, no such partition, too many actors).
  virtual absl::Status Check() = 0;

  // Writes what a person may look at or use by hand (batch scripts, manifests) into the run
  // directory; starts nothing.
  virtual absl::Status Prepare() { return absl::OkStatus(); }

  // One pass: looks at what there is, starts what lacks, ends what is too many
  // (deploy/reconcile.h). Does not wait for what it started. An error: the run cannot be kept
  // alive, with the reason and, where a process died too often, the end of its log.
  virtual absl::Status Tend(const Desired& desired) = 0;
  // How long to wait before the next pass.
  virtual std::chrono::milliseconds pause() const = 0;

  // The coordinator has ended for good, so that the others are about to. As of the last pass.
  virtual bool Over() const = 0;
  // How many processes there are, as of the last pass.
  virtual int left() const = 0;

  // Gives what there is `grace` to end by itself, then ends it; returns when nothing is left. Also
  // for a run that another launcher left behind.
  virtual absl::Status Down(std::chrono::milliseconds grace) = 0;
  // After Over() and Down(): OK, or why the run failed, with the end of the log that tells.
  virtual absl::Status Verdict() const = 0;

  // Where this process reaches the coordinator. An error: it is not known yet.
  virtual absl::StatusOr<std::string> CoordinatorAddress() = 0;

  // A command that prints a process's log, and goes on as it grows with `follow`.
  virtual std::vector<std::string> LogCommand(const Place& place, bool follow) const = 0;
};

}  // namespace drover

#endif  // DROVER_DEPLOY_ENGINE_H_

#ifndef DROVER_CLI_ROLE_PROCESS_H_
#define DROVER_CLI_ROLE_PROCESS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/option.h"
#include "common/parent_watch.h"
#include "common/signals.h"

namespace drover {

// The flags that every role has.
struct ProcessFlags {
  std::string log_level = "info";
  std::string certs;  // cli/certs_option.h
};
void AddProcessFlags(CLI::App* app, ProcessFlags* flags);

// Says what is wrong with an address, for Option::Check; "" if nothing is.
std::string AddressError(const std::string& address);

// Where the coordinator is: every other role's.
void AddCoordinatorAddress(CLI::App* app, std::string* address);
// Where a role serves, and whether others than this host may come: of those that serve.
void AddListen(CLI::App* app, std::vector<std::string>* addresses, bool* insecure);

// Where a role shows itself over HTTP: of those that do. Empty: nowhere.
void AddHttp(CLI::App* app, std::string* address);
// The same of a run's coordinator, for who launches it; "none": nowhere.
void AddDashboard(CLI::App* app, std::string* address);
// Whether the run goes on without it: of those that end it otherwise.
void AddReplaceable(CLI::App* app, bool* replaceable);

// What every role's process does first: logs under its name, stops on SIGTERM and Ctrl-C, dies at
// once with the launcher that started it, and speaks with its certificate. One a process, made
// before other threads.
class RoleProcess {
 public:
  // `role`: of its certificate, where it has one. An error in status(): no such log level, and
  // nothing else is set up; or what is wrong with the certificates.
  RoleProcess(const std::string& name, const ProcessFlags& flags, const std::string& role = "");

  const absl::Status& status() const { return status_; }
  const StopSignal& stop() const { return stop_; }

  // Logs an error; the exit code of a role that ended so.
  int Finish(const absl::Status& status) const;

 private:
  StopSignal stop_;
  absl::Status status_;
  std::unique_ptr<ParentWatch> parent_;
};

}  // namespace drover

#endif  // DROVER_CLI_ROLE_PROCESS_H_

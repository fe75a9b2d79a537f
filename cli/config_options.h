#ifndef DROVER_CLI_CONFIG_OPTIONS_H_
#define DROVER_CLI_CONFIG_OPTIONS_H_

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/option.h"
#include "common/field_locations.h"
#include "proto/experiment.pb.h"

namespace drover {

// A config as the command line names it: a file and what is changed in it.
class ConfigOptions {
 public:
  ConfigOptions() = default;
  // What a command line would name so: each change is "path=value".
  ConfigOptions(std::string config, std::vector<std::string> changes)
      : config_(std::move(config)), changes_(std::move(changes)) {}

  // Declares CONFIG, --set, and the flags of `shorthands_`; CONFIG must be given unless there is a
  // `default_config`. `this` must outlive the parsing.
  void AddTo(CLI::App* app, const std::string& default_config = "");

  // Another config with `changes`, and after them those of this one.
  ConfigOptions Of(const std::string& config, std::vector<std::string> changes) const;

  // The same on another command line.
  std::vector<std::string> Arguments() const;

  // Reads the file and makes the changes. Errors say where and what is allowed.
  absl::StatusOr<std::pair<Experiment, FieldLocations>> Read() const;

 private:
  // A flag for a field that is often changed.
  struct Shorthand {
    const char* flag;
    const char* field;
    const char* type_name;
    const char* description;
    std::string value;  // as written: the field's own error tells whether it is in range
  };

  std::string config_;
  std::vector<std::string> changes_;  // of --set
  std::array<Shorthand, 6> shorthands_{{
      {"--actors", "actors.count", "N", "actor processes", ""},
      {"--environments", "actors.environments", "E", "stepped by each actor", ""},
      {"--unroll", "actors.unroll", "T", "steps of an unroll", ""},
      {"--batch", "learner.batch", "B", "unrolls in a train step", ""},
      {"--seed", "seed", "S", "of everything random", ""},
      {"--max_frames", "budget.max_frames", "N", "the budget", ""},
  }};
};

}  // namespace drover

#endif  // DROVER_CLI_CONFIG_OPTIONS_H_

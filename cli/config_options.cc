#include "cli/config_options.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "cli/configs.h"
#include "common/field_override.h"
#include "common/status_macros.h"
#include "common/text_proto.h"

namespace drover {

void ConfigOptions::AddTo(CLI::App* app) {
  app->add_option("config", config_, "a config file, or the short name of one in configs/")
      ->required()
      ->type_name("CONFIG");
  app->add_option("--set", changes_, "change a field of the config, e.g. --set update.epochs=4")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);  // one value each time it is given
  app->add_option("--actors", actors_, "actor processes: --set actors.count=N")->type_name("N");
  app->add_option("--seed", seed_, "of everything random: --set seed=S")->type_name("S");
  app->add_option("--max_frames", max_frames_, "the budget: --set budget.max_frames=N")
      ->type_name("N");
}

std::vector<std::string> ConfigOptions::Arguments() const {
  std::vector<std::string> arguments;
  for (const std::string& change : changes_) arguments.push_back(absl::StrCat("--set=", change));
  if (!actors_.empty()) arguments.push_back(absl::StrCat("--actors=", actors_));
  if (!seed_.empty()) arguments.push_back(absl::StrCat("--seed=", seed_));
  if (!max_frames_.empty()) arguments.push_back(absl::StrCat("--max_frames=", max_frames_));
  arguments.push_back("--");
  arguments.push_back(config_);
  return arguments;
}

absl::StatusOr<std::pair<Experiment, FieldLocations>> ConfigOptions::Read() const {
  DROVER_ASSIGN_OR_RETURN(const std::string path, FindConfig(config_));
  Experiment experiment;
  DROVER_ASSIGN_OR_RETURN(FieldLocations locations, ReadTextProto(path, &experiment));
  for (const std::string& change : changes_) {
    DROVER_RETURN_IF_ERROR(SetOption(change, &experiment, &locations));
  }
  const auto set = [&](const char* field, const char* flag, const std::string& value) {
    if (value.empty()) return absl::OkStatus();
    return SetField(field, value, absl::StrCat(flag, " ", value), &experiment, &locations);
  };
  DROVER_RETURN_IF_ERROR(set("actors.count", "--actors", actors_));
  DROVER_RETURN_IF_ERROR(set("seed", "--seed", seed_));
  DROVER_RETURN_IF_ERROR(set("budget.max_frames", "--max_frames", max_frames_));
  if (experiment.name().empty()) experiment.set_name(std::filesystem::path(path).stem().string());
  return std::make_pair(std::move(experiment), std::move(locations));
}

}  // namespace drover

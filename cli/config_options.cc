#include "cli/config_options.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/configs.h"
#include "common/field_override.h"
#include "common/status_macros.h"
#include "common/text_proto.h"

namespace drover {

void ConfigOptions::AddTo(CLI::App* app, const std::string& default_config) {
  config_ = default_config;
  std::string what = "a config file, or the short name of one in configs/";
  if (!default_config.empty()) absl::StrAppend(&what, "; default: ", default_config);
  AddOption(app, "config", config_, what).Required(default_config.empty()).TypeName("CONFIG");
  AddOption(app, "--set", changes_, "change a field of the config, e.g. --set update.epochs=4")
      .TypeName("PATH=VALUE")
      .OneEach();
  for (Shorthand& shorthand : shorthands_) {
    AddOption(
        app, shorthand.flag, shorthand.value,
        absl::StrCat(shorthand.description, ": --set ", shorthand.field, "=", shorthand.type_name))
        .TypeName(shorthand.type_name);
  }
}

ConfigOptions ConfigOptions::Of(const std::string& config, std::vector<std::string> changes) const {
  ConfigOptions options = *this;
  options.config_ = config;
  changes.insert(changes.end(), changes_.begin(), changes_.end());
  options.changes_ = std::move(changes);
  return options;
}

std::vector<std::string> ConfigOptions::Arguments() const {
  std::vector<std::string> arguments;
  for (const std::string& change : changes_) arguments.push_back(absl::StrCat("--set=", change));
  for (const Shorthand& shorthand : shorthands_) {
    if (shorthand.value.empty()) continue;
    arguments.push_back(absl::StrCat(shorthand.flag, "=", shorthand.value));
  }
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
  for (const Shorthand& shorthand : shorthands_) {
    if (shorthand.value.empty()) continue;
    DROVER_RETURN_IF_ERROR(SetField(shorthand.field, shorthand.value,
                                    absl::StrCat(shorthand.flag, " ", shorthand.value), &experiment,
                                    &locations));
  }
  if (experiment.name().empty()) experiment.set_name(std::filesystem::path(path).stem().string());
  return std::make_pair(std::move(experiment), std::move(locations));
}

}  // namespace drover

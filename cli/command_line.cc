#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/near_match.h"

namespace drover {
namespace {

std::vector<std::string> Flags(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(absl::StrCat("--", name));
  }
  return names;
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

// "drover bench throughput".
std::string PathOf(const CLI::App& app) {
  if (app.get_parent() == nullptr) return app.get_name();
  return absl::StrCat(PathOf(*app.get_parent()), " ", app.get_name());
}

// What CLI11 did not understand, in our words.
std::string UnexpectedArgument(const CLI::App& app, const CLI::ExtrasError& error) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  for (const std::string& argument : app.remaining(/*recurse=*/true)) {
    if (argument.size() < 2 || argument[0] != '-') {
      return absl::StrCat("unexpected argument \"", argument, "\"; `", PathOf(*command),
                          " --help` says what it takes");
    }
    const std::vector<std::string> name_and_value =
        absl::StrSplit(argument, absl::MaxSplits('=', 1));
    return UnknownName("flag", name_and_value.front(), Flags(*command));
  }
  return error.what();
}

// What is wrong with the words that name a command, which come first; "" if nothing is.
std::string CommandError(const CLI::App& app, const std::vector<std::string>& words) {
  const std::vector<std::string> known = CommandNames(app);
  if (known.empty()) return "";
  if (words.empty()) return absl::StrCat("name a command: ", absl::StrJoin(known, ", "));
  const std::string& name = words.front();
  if (name.empty() || name[0] == '-') return "";
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    return UnknownName("command", name, known);
  }
  return CommandError(*app.get_subcommand(name), {words.begin() + 1, words.end()});
}

int BadInput(const std::string& message) {
  std::cerr << "drover: " << message << std::endl;
  return kExitBadInput;
}

}  // namespace

CLI::App* AddCommand(CLI::App* group, const std::string& name, const std::string& description) {
  return group->add_subcommand(name, description);
}

void AllowExtras(CLI::App* command) { command->allow_extras(); }

int Fail(const absl::Status& status, ExitCode code) {
  std::cerr << "drover: " << status.message() << std::endl;
  return code;
}

int RunParsed(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    if (command.app->parsed()) return command.run();
  }
  return BadInput("nothing to do");
}

int RunCommand(CLI::App* app, const std::vector<Command>& commands, int argc, char** argv) {
  const std::string error = CommandError(*app, {argv + std::min(argc, 1), argv + argc});
  if (!error.empty()) return BadInput(error);
  app->require_subcommand(1);
  for (const Command& command : commands) {
    if (!command.app->get_subcommands(nullptr).empty()) command.app->require_subcommand(1);
  }
  try {
    app->parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app->exit(help);
  } catch (const CLI::ExtrasError& error) {
    return BadInput(UnexpectedArgument(*app, error));
  } catch (const CLI::ParseError& error) {
    return BadInput(error.what());
  }
  return RunParsed(commands);
}

}  // namespace drover

#include "cli/command_line.h"

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

// What CLI11 did not understand, in our words.
std::string UnexpectedArgument(const CLI::App& app, const CLI::ExtrasError& error) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  for (const std::string& argument : app.remaining(/*recurse=*/true)) {
    if (argument.size() < 2 || argument[0] != '-') {
      return absl::StrCat("unexpected argument \"", argument, "\"; `drover ", command.get_name(),
                          " --help` says what it takes");
    }
    const std::vector<std::string> name_and_value =
        absl::StrSplit(argument, absl::MaxSplits('=', 1));
    return UnknownName("flag", name_and_value.front(), Flags(command));
  }
  return error.what();
}

int BadInput(const std::string& message) {
  std::cerr << "drover: " << message << std::endl;
  return kExitBadInput;
}

}  // namespace

int Fail(const absl::Status& status, ExitCode code) {
  std::cerr << "drover: " << status.message() << std::endl;
  return code;
}

int RunCommand(CLI::App* app, const std::vector<Command>& commands, int argc, char** argv) {
  if (argc > 1 && argv[1][0] != '-') {
    const std::vector<std::string> known = CommandNames(*app);
    if (std::find(known.begin(), known.end(), argv[1]) == known.end()) {
      return BadInput(UnknownName("command", argv[1], known));
    }
  }
  if (argc < 2) {
    return BadInput(absl::StrCat("name a command: ", absl::StrJoin(CommandNames(*app), ", ")));
  }
  app->require_subcommand(1);
  try {
    app->parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app->exit(help);
  } catch (const CLI::ExtrasError& error) {
    return BadInput(UnexpectedArgument(*app, error));
  } catch (const CLI::ParseError& error) {
    return BadInput(error.what());
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) return command.run();
  }
  return BadInput("nothing to do");
}

}  // namespace drover

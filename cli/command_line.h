#ifndef DROVER_CLI_COMMAND_LINE_H_
#define DROVER_CLI_COMMAND_LINE_H_

#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/option.h"

// What the subcommands of both executables share. One file a subcommand; each has a function
// Add…(CLI::App*) that declares its flags and says what to run.
namespace drover {

// What the program's exit code says.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,
  kExitBadInput = 2,  // a flag, a config, a file: nothing was started
};

struct Command {
  CLI::App* app;             // its flags, parsed by the time that `run` is called
  std::function<int()> run;  // returns the exit code
};

// A new command of `group`, with its line of --help.
CLI::App* AddCommand(CLI::App* group, const std::string& name, const std::string& description);

// It takes any words, which nobody reads.
void AllowExtras(CLI::App* command);

// Parses the command line and runs the command it names; a command may be a group of others. Errors
// in it go to stderr, with the near match of a name that does not exist, and make the exit code 2.
int RunCommand(CLI::App* app, const std::vector<Command>& commands, int argc, char** argv);

// Runs the one of `commands` that was parsed.
int RunParsed(const std::vector<Command>& commands);

// All of main: an exception of a library that nobody foresaw is printed, and the exit code is 1.
template <typename Body>
int RunMain(const Body& body) noexcept {
  try {
    return body();
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "drover: %s\n", exception.what());
  } catch (...) {
    std::fputs("drover: an unknown exception\n", stderr);
  }
  return kExitFailed;
}

// "drover: <message>" on stderr; returns `code`.
int Fail(const absl::Status& status, ExitCode code);

}  // namespace drover

#endif  // DROVER_CLI_COMMAND_LINE_H_

#include "deploy/command.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/process.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr int kNoSuchProgram = 127;  // a shell's exit code

}  // namespace

absl::StatusOr<std::string> CommandOutput(const std::vector<std::string>& command,
                                          std::chrono::seconds limit) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory directory, TempDirectory::Make());
  const std::string complaints = absl::StrCat(directory.path(), "/err");
  ProcessOptions options;
  // Keeps stdout and stderr apart; exec: the shell becomes the program.
  options.command = {"sh", "-c", "exec \"$@\" 2>\"$0\"", complaints};
  options.command.insert(options.command.end(), command.begin(), command.end());
  options.log_path = absl::StrCat(directory.path(), "/out");
  DROVER_ASSIGN_OR_RETURN(Process process, Process::Start(options));
  const std::optional<ExitStatus> exit =
      process.WaitUntil(std::chrono::steady_clock::now() + limit);
  DROVER_ASSIGN_OR_RETURN(std::string output, ReadFile(options.log_path));
  if (exit.has_value() && exit->ok()) return output;
  absl::StrAppend(&output, ReadFile(complaints).value_or(""));
  absl::StripAsciiWhitespace(&output);
  if (!exit.has_value()) {
    return absl::DeadlineExceededError(
        absl::StrCat(command.front(), " took longer than ", limit.count(), " s: ", output));
  }
  if (exit->code == kNoSuchProgram) return absl::NotFoundError(output);
  return absl::AbortedError(
      absl::StrCat(command.front(), " failed with ", exit->ToString(), ": ", output));
}

}  // namespace drover

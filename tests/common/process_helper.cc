// A process for process_test and parent_watch_test to start:
//   process_helper parent LOG   starts `process_helper child` with that log, then waits
//   process_helper child        writes "watching", waits for its parent's death, writes "orphan"
//   process_helper stop         writes "ready", waits for a request to stop, writes its reason
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "common/parent_watch.h"
#include "common/process.h"
#include "common/signals.h"

namespace drover {
namespace {

void Say(const char* line) {
  std::puts(line);
  std::fflush(stdout);
}

int RunParent(const char* program, const char* log) {
  absl::StatusOr<Process> child = Process::Start({{program, "child"}, log});
  if (!child.ok()) return 1;
  Say("started");
  return child->Wait().code;
}

int RunChild() {
  const std::unique_ptr<ParentWatch> watch = ParentWatch::Start([] {
    Say("orphan");
    _exit(7);
  });
  if (watch == nullptr) {
    Say("no parent");
    return 3;
  }
  Say("watching");
  for (;;) pause();
}

int RunStop() {
  const StopSignal stop;
  Say("ready");
  stop.WaitUntil();
  Say(stop.reason().c_str());
  return 0;
}

}  // namespace
}  // namespace drover

int main(int argc, char** argv) {
  const char* const mode = argc > 1 ? argv[1] : "";
  if (std::strcmp(mode, "parent") == 0 && argc > 2) return drover::RunParent(argv[0], argv[2]);
  if (std::strcmp(mode, "child") == 0) return drover::RunChild();
  if (std::strcmp(mode, "stop") == 0) return drover::RunStop();
  return 2;
}

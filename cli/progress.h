#ifndef DROVER_CLI_PROGRESS_H_
#define DROVER_CLI_PROGRESS_H_

#include <chrono>
#include <string>
#include <vector>

#include "proto/coordinator.pb.h"

namespace drover {

// Seconds until the budget is spent at the present rate; negative: unknown.
double SecondsLeft(const StatusReply& status);

// How the run stands: the lines of the live block, and all in one line.
std::vector<std::string> ProgressBlock(const StatusReply& status);
std::string ProgressLine(const StatusReply& status);

// Shows a run's progress on stdout: in a terminal as one block that is drawn anew, else as a line
// every three seconds. One thread.
class Progress {
 public:
  explicit Progress(bool terminal) : terminal_(terminal) {}

  void Update(const StatusReply& status);

 private:
  void DrawBlock(const StatusReply& status);

  const bool terminal_;
  std::string dashboard_;  // as told
  size_t lines_drawn_ = 0;
  std::chrono::steady_clock::time_point next_line_;
};

}  // namespace drover

#endif  // DROVER_CLI_PROGRESS_H_

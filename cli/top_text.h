#ifndef DROVER_CLI_TOP_TEXT_H_
#define DROVER_CLI_TOP_TEXT_H_

#include <cstddef>
#include <string>

#include "proto/coordinator.pb.h"

namespace drover {

// What `drover top` shows: the progress block, the bottleneck and what moves it, where time goes,
// each process with its rate, who waits on what, and the newest events; at most `lines` lines of
// `columns` characters, 0: as many as there are. `before`: the run some seconds ago; empty: rates
// are since the start.
std::string TopText(const StatusReply& before, const StatusReply& now, size_t lines,
                    size_t columns);

}  // namespace drover

#endif  // DROVER_CLI_TOP_TEXT_H_

#ifndef DROVER_AGENT_RESOLVE_H_
#define DROVER_AGENT_RESOLVE_H_

#include <optional>

#include "agent/config_error.h"
#include "proto/experiment.pb.h"

namespace drover {

// Checks a person's config against algorithms, environments and topologies
// and fills in what it leaves out: first from the algorithm's defaults, then
// from those that proto/experiment.proto names. Returns the first error, or
// nothing. On return without error `experiment` is complete: every optional
// field that its algorithm reads is set. Resolving twice changes nothing.
std::optional<ConfigError> ResolveExperiment(Experiment* experiment);

}  // namespace drover

#endif  // DROVER_AGENT_RESOLVE_H_

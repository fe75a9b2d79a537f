#ifndef DROVER_CLIENT_OWN_USAGE_H_
#define DROVER_CLIENT_OWN_USAGE_H_

#include "proto/coordinator.pb.h"

namespace drover {

// What this process takes of its host. Takes some microseconds.
Usage OwnUsage();

}  // namespace drover

#endif  // DROVER_CLIENT_OWN_USAGE_H_

#ifndef DROVER_DEPLOY_DOCTOR_RUN_H_
#define DROVER_DEPLOY_DOCTOR_RUN_H_

#include <string>

#include "deploy/doctor/finding.h"

namespace drover {

// Calls the coordinator of the run in a directory, and all its members that serve (CheckPeer).
Findings CheckRun(const std::string& run_dir);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_RUN_H_

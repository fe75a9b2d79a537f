#ifndef DROVER_DEPLOY_DOCTOR_PLACEMENT_H_
#define DROVER_DEPLOY_DOCTOR_PLACEMENT_H_

#include <string>

#include "absl/status/status.h"
#include "deploy/doctor/finding.h"

namespace drover {

// Whether a run can be placed on an engine (deploy/engines.h), by what its Check() said.
Finding CheckPlacement(const std::string& engine, const absl::Status& check);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_PLACEMENT_H_

#ifndef DROVER_DEPLOY_DOCTOR_DISK_H_
#define DROVER_DEPLOY_DOCTOR_DISK_H_

#include <string>

#include "deploy/doctor/finding.h"

namespace drover {

// Whether a run can write into `directory`, which need not be there yet, and how much. It writes a
// megabyte there, or in what is above it, and removes it.
Finding CheckDisk(const std::string& directory);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_DISK_H_

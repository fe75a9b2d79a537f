#ifndef DROVER_DEPLOY_DOCTOR_PORT_H_
#define DROVER_DEPLOY_DOCTOR_PORT_H_

#include <string>

#include "deploy/doctor/finding.h"

namespace drover {

// Whether a process could listen at the address, which `flag` ("--listen") names, by listening
// there for a moment; and if not, who does. `guarded`: with certificates or --insecure, without
// which nothing listens where other hosts reach it.
Finding CheckPort(const std::string& flag, const std::string& address, bool guarded);

// Of a dashboard that takes another port where 127.0.0.1:8080 is taken.
Finding CheckAutoPort();

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_PORT_H_

#ifndef DROVER_CLI_DOCTOR_H_
#define DROVER_CLI_DOCTOR_H_

#include "cli/command_line.h"

namespace drover {

// `drover doctor [CONFIG]`: looks at this machine, and at what a run would need of it and of its
// peers (deploy/doctor/), and says for each thing whether it is well, or what mends it. It starts
// nothing, and leaves nothing. Exit code 1: something is wrong.
Command AddDoctor(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_DOCTOR_H_

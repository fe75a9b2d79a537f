#ifndef DROVER_DEPLOY_DOCTOR_PROGRAM_H_
#define DROVER_DEPLOY_DOCTOR_PROGRAM_H_

#include <string>
#include <utility>
#include <vector>

namespace drover {

// Whether $PATH has it.
bool HasProgram(const std::string& name);

// The command of the first program that this machine has, of {program, command}; else `otherwise`,
// which installs one.
std::string FirstOf(const std::vector<std::pair<std::string, std::string>>& commands,
                    const std::string& otherwise);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_PROGRAM_H_

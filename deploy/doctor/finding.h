#ifndef DROVER_DEPLOY_DOCTOR_FINDING_H_
#define DROVER_DEPLOY_DOCTOR_FINDING_H_

#include <string>
#include <vector>

// What `drover doctor` says of each thing that it looked at.
namespace drover {

struct Finding {
  enum class Level {
    kOk,
    kWarning,  // it works, but not well, or not for long
    kWrong,
  };

  Level level = Level::kOk;
  std::string what;   // "port 0.0.0.0:7000"
  std::string found;  // "free", or what is wrong with it
  std::string mend;   // the command that mends it; where all is well, empty
};

using Findings = std::vector<Finding>;

Finding Ok(std::string what, std::string found);
Finding Warning(std::string what, std::string found, std::string mend);
Finding Wrong(std::string what, std::string found, std::string mend);

bool AnyWrong(const Findings& findings);

// A line each, the mend below it, and how many there are of each level at the end.
std::string FindingsText(const Findings& findings);

// {"ok": true, "findings": [{"level": "ok", "what": …, "found": …, "mend": …}, …]}
std::string FindingsJson(const Findings& findings);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_FINDING_H_

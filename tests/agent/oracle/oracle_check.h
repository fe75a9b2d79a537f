#ifndef DROVER_TESTS_AGENT_ORACLE_ORACLE_CHECK_H_
#define DROVER_TESTS_AGENT_ORACLE_ORACLE_CHECK_H_

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "tests/agent/oracle/oracle_file.h"

namespace drover {

// What a case gives a function, in the floating type under test. A file may be anyone's: an input
// that is missing or of another shape throws std::runtime_error, which CheckOracle reports.
class OracleInputs {
 public:
  OracleInputs(const OracleCase& oracle_case, at::ScalarType real)
      : tensors_(oracle_case.inputs), real_(real) {}

  // The input called `name`. `axes` names its sizes, as "T+1,B" (a scalar: ""): the same letter
  // is the same size in all inputs of a case.
  at::Tensor Real(const std::string& name, const std::string& axes);
  at::Tensor Index(const std::string& name, const std::string& axes);  // int64
  double Scalar(const std::string& name) const;

 private:
  const at::Tensor& Find(const std::string& name) const;
  const at::Tensor& Shaped(const std::string& name, const std::string& axes);

  const std::map<std::string, at::Tensor>& tensors_;
  const at::ScalarType real_;
  std::map<char, int64_t> sizes_;
};

using OracleOutputs = std::map<std::string, at::Tensor>;
using OracleRunner = OracleOutputs (*)(OracleInputs& in);

struct OracleReport {
  double error64 = 0;  // largest |got − expected| / max(1, |expected|), in float64
  double error32 = 0;  // the same in float32, of what is compared there
  std::vector<std::string> failures;
};

// Runs every case in float64 and in float32.
OracleReport CheckOracle(const OracleFile& file, OracleRunner runner);

}  // namespace drover

#endif  // DROVER_TESTS_AGENT_ORACLE_ORACLE_CHECK_H_

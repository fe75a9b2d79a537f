#ifndef DROVER_TESTS_AGENT_ORACLE_ORACLE_FILE_H_
#define DROVER_TESTS_AGENT_ORACLE_ORACLE_FILE_H_

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace drover {

// |got − expected| <= absolute + relative · |expected|, element by element.
struct Tolerance {
  double relative = 0;
  double absolute = 0;

  bool compares() const { return relative >= 0; }  // [-1, -1]: do not compare
};

// Tensors are float64 or int64.
struct OracleCase {
  std::string name;
  std::map<std::string, at::Tensor> inputs;
  std::map<std::string, at::Tensor> expected;
  std::map<std::string, Tolerance> tolerance32;  // one for each of expected
};

// One file of test vectors; tests/oracles/README.md tells the format.
struct OracleFile {
  std::string function;
  Tolerance tolerance64;
  std::vector<OracleCase> cases;
};

// INVALID_ARGUMENT, with the path and what is wrong, for a file that is not there, is not of the
// format or lacks a key.
absl::StatusOr<OracleFile> ReadOracleFile(const std::string& path);

}  // namespace drover

#endif  // DROVER_TESTS_AGENT_ORACLE_ORACLE_FILE_H_

#include "tests/agent/oracle/oracle_check.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover {
namespace {

// Compares one output; the first element that is off goes to `failures`.
void CompareOutput(const std::string& where, const at::Tensor& got, const at::Tensor& expected,
                   const Tolerance& tolerance, double* error, std::vector<std::string>* failures) {
  if (got.sizes() != expected.sizes()) {
    failures->push_back(absl::StrCat(where, " has ", got.numel(), " elements in ", got.dim(),
                                     " axes, expected ", expected.numel(), " in ", expected.dim()));
    return;
  }
  const at::Tensor got64 = got.detach().to(at::kDouble).contiguous();
  const at::Tensor expected64 = expected.to(at::kDouble).contiguous();
  const auto* mine = got64.const_data_ptr<double>();
  const auto* theirs = expected64.const_data_ptr<double>();
  bool right = true;
  for (int64_t i = 0; i < got64.numel(); ++i) {
    const double off = std::abs(mine[i] - theirs[i]);
    const double size = std::abs(theirs[i]);
    if (!(off <= *error * std::max(1.0, size))) *error = off / std::max(1.0, size);
    const double allowed = tolerance.absolute + tolerance.relative * size;
    if (right && !(off <= allowed)) {  // also where it is NaN
      right = false;
      failures->push_back(absl::StrCat(where, " at ", i, " is ", mine[i], ", expected ", theirs[i],
                                       "; allowed is an error of ", allowed));
    }
  }
}

Tolerance ToleranceOf(const OracleFile& file, const OracleCase& one, const std::string& output,
                      at::ScalarType real) {
  if (one.expected.at(output).scalar_type() == at::kLong) return {};
  return real == at::kDouble ? file.tolerance64 : one.tolerance32.at(output);
}

void CheckCase(const OracleFile& file, const OracleCase& one, OracleRunner runner,
               at::ScalarType real, OracleReport* report) {
  const std::string where =
      absl::StrCat("case ", one.name, real == at::kDouble ? ", float64: " : ", float32: ");
  double* error = real == at::kDouble ? &report->error64 : &report->error32;
  OracleInputs inputs(one, real);
  const OracleOutputs outputs = runner(inputs);
  for (const auto& [name, got] : outputs) {
    const auto expected = one.expected.find(name);
    if (expected == one.expected.end()) {
      report->failures.push_back(absl::StrCat(where, "the file has no output ", name));
      continue;
    }
    const Tolerance tolerance = ToleranceOf(file, one, name, real);
    if (!tolerance.compares()) continue;
    CompareOutput(where + name, got, expected->second, tolerance, error, &report->failures);
  }
  for (const auto& [name, expected] : one.expected) {
    if (outputs.count(name) == 0) {
      report->failures.push_back(absl::StrCat(where, "nothing computes output ", name));
    }
  }
}

}  // namespace

const at::Tensor& OracleInputs::Find(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw std::runtime_error("no input " + name);
  return found->second;
}

const at::Tensor& OracleInputs::Shaped(const std::string& name, const std::string& axes) {
  const at::Tensor& tensor = Find(name);
  const std::vector<std::string> names = absl::StrSplit(axes, ',', absl::SkipEmpty());
  bool fits = tensor.dim() == static_cast<int64_t>(names.size());
  for (size_t i = 0; fits && i < names.size(); ++i) {
    const int64_t size = tensor.size(static_cast<int64_t>(i)) - (names[i].size() > 1 ? 1 : 0);
    fits = sizes_.emplace(names[i][0], size).first->second == size;
  }
  if (!fits) throw std::runtime_error(absl::StrCat("input ", name, " is not [", axes, "]"));
  return tensor;
}

at::Tensor OracleInputs::Real(const std::string& name, const std::string& axes) {
  return Shaped(name, axes).to(real_, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor OracleInputs::Index(const std::string& name, const std::string& axes) {
  return Shaped(name, axes).to(at::kLong);
}

double OracleInputs::Scalar(const std::string& name) const {
  const at::Tensor& tensor = Find(name);
  if (tensor.dim() != 0) throw std::runtime_error("input " + name + " is not a scalar");
  return tensor.to(at::kDouble).item<double>();
}

OracleReport CheckOracle(const OracleFile& file, OracleRunner runner) {
  OracleReport report;
  for (const OracleCase& one : file.cases) {
    for (const at::ScalarType real : {at::kDouble, at::kFloat}) {
      try {
        CheckCase(file, one, runner, real, &report);
      } catch (const std::exception& error) {  // of OracleInputs and LibTorch
        report.failures.push_back(absl::StrCat("case ", one.name, ": ", error.what()));
      }
    }
  }
  return report;
}

}  // namespace drover

#include "tests/agent/oracle/oracle_file.h"

#include <ATen/ops/tensor.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

using nlohmann::json;

void Require(bool condition, const std::string& message) {
  if (!condition) throw std::runtime_error(message);
}

const json& At(const json& object, const std::string& key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  Require(found != object.end(), "lacks " + key);
  return *found;
}

template <typename T>
T Get(const json& object, const std::string& key) {
  try {
    return At(object, key).get<T>();
  } catch (const json::exception& error) {
    throw std::runtime_error(absl::StrCat(key, ": ", error.what()));
  }
}

// Row-major, as the nested lists of `value` have it.
void Flatten(const json& value, const std::vector<int64_t>& shape, size_t axis,
             std::vector<double>* flat) {
  if (axis == shape.size()) {
    Require(value.is_number(), absl::StrCat("a number, not ", value.dump()));
    flat->push_back(value.get<double>());
    return;
  }
  Require(value.is_array() && static_cast<int64_t>(value.size()) == shape[axis],
          absl::StrCat("axis ", axis, " is not a list of ", shape[axis]));
  for (const json& row : value) Flatten(row, shape, axis + 1, flat);
}

at::Tensor ReadTensor(const json& value, const std::string& dtype,
                      const std::vector<int64_t>& shape) {
  Require(dtype == "float64" || dtype == "int64", "dtype " + dtype);
  std::vector<double> flat;
  Flatten(value, shape, 0, &flat);
  return at::tensor(flat, at::kDouble).view(shape).to(dtype == "int64" ? at::kLong : at::kDouble);
}

// The tensors that `declared`, the file's inputs or outputs, says a case has.
std::map<std::string, at::Tensor> ReadTensors(const json& declared, const json& values,
                                              const json& shapes) {
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, about] : declared.items()) {
    try {
      tensors[name] = ReadTensor(At(values, name), Get<std::string>(about, "dtype"),
                                 Get<std::vector<int64_t>>(shapes, name));
    } catch (const std::exception& error) {
      throw std::runtime_error(absl::StrCat(name, ": ", error.what()));
    }
  }
  Require(values.size() == declared.size(), "has tensors that the file does not declare");
  return tensors;
}

Tolerance ReadTolerance(const json& object, const std::string& key) {
  const auto pair = Get<std::vector<double>>(object, key);
  Require(pair.size() == 2, key + " is not [relative, absolute]");
  return {pair[0], pair[1]};
}

OracleCase ReadCase(const json& file, const json& value) {
  OracleCase result;
  result.name = Get<std::string>(value, "name");
  try {
    const json& shapes = At(value, "shapes");
    result.inputs = ReadTensors(At(file, "inputs"), At(value, "inputs"), shapes);
    result.expected = ReadTensors(At(file, "outputs"), At(value, "expected"), shapes);
    for (const auto& [name, expected] : result.expected) {
      result.tolerance32[name] = ReadTolerance(At(value, "tol32"), name);
    }
  } catch (const std::exception& error) {
    throw std::runtime_error(absl::StrCat("case ", result.name, ": ", error.what()));
  }
  return result;
}

OracleFile Read(const std::string& path) {
  std::ifstream stream(path);
  Require(stream.good(), "cannot be read");
  const json file = json::parse(stream);
  Require(At(file, "format") == "rl-oracle/1", "format is not \"rl-oracle/1\"");
  OracleFile result;
  result.function = Get<std::string>(file, "function");
  result.tolerance64 = ReadTolerance(file, "tol64");
  for (const json& value : At(file, "cases")) result.cases.push_back(ReadCase(file, value));
  Require(!result.cases.empty(), "no cases");
  return result;
}

}  // namespace

absl::StatusOr<OracleFile> ReadOracleFile(const std::string& path) {
  try {
    return Read(path);
  } catch (const std::exception& error) {  // of the JSON library, LibTorch and Require
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
}

}  // namespace drover

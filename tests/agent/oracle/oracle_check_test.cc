#include "tests/agent/oracle/oracle_check.h"

#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

namespace drover {
namespace {

using nlohmann::json;

// y = 2 x, k = n + 1.
json Doubling() {
  return json::parse(R"({
    "format": "rl-oracle/1", "function": "doubling", "tol64": [1e-9, 1e-10],
    "inputs": {"x": {"dtype": "float64"}, "n": {"dtype": "int64"}},
    "outputs": {"y": {"dtype": "float64"}, "k": {"dtype": "int64"}},
    "cases": [{
      "name": "first", "shapes": {"x": [2, 3], "n": [], "y": [2, 3], "k": []},
      "inputs": {"x": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "n": 6},
      "expected": {"y": [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]], "k": 7},
      "tol32": {"y": [1e-4, 1e-5], "k": [0, 0]}}]})");
}

OracleOutputs RunDoubling(OracleInputs& in) {
  return {{"y", in.Real("x", "T,B") * 2}, {"k", in.Index("n", "") + 1}};
}

absl::StatusOr<OracleFile> Read(const std::string& text) {
  const std::string path = ::testing::TempDir() + "/doubling.json";
  std::ofstream(path) << text;
  return ReadOracleFile(path);
}

// The first thing that is wrong with the file, or with what `runner` makes of it; "" if nothing.
std::string Problem(const json& file, OracleRunner runner = RunDoubling) {
  const auto read = Read(file.dump());
  if (!read.ok()) return std::string(read.status().message());
  const OracleReport report = CheckOracle(*read, runner);
  return report.failures.empty() ? "" : report.failures.front();
}

TEST(OracleCheckTest, RightValuesPass) {
  const auto file = Read(Doubling().dump());
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->function, "doubling");
  const OracleReport report = CheckOracle(*file, RunDoubling);
  EXPECT_TRUE(report.failures.empty()) << report.failures.front();
  EXPECT_EQ(report.error64, 0);
}

TEST(OracleCheckTest, AnErrorAboveTheToleranceFailsInItsPrecision) {
  json file = Doubling();
  json& y = file["cases"][0]["expected"]["y"][1][2];
  y = 12 + 1e-6;  // in float32 within 1e-5 + 1e-4 · 12
  EXPECT_NE(Problem(file).find("case first, float64: y at 5 is 12"), std::string::npos);
  file["tol64"] = {-1, -1};
  EXPECT_EQ(Problem(file), "");
  y = 12.1;
  EXPECT_NE(Problem(file).find("case first, float32: y at 5 is 12"), std::string::npos);
  file["cases"][0]["tol32"]["y"] = {-1, -1};
  EXPECT_EQ(Problem(file), "");
}

TEST(OracleCheckTest, ReportsTheLargestErrorRelativeToLargeValues) {
  json file = Doubling();
  file["tol64"] = {1, 1};
  file["cases"][0]["expected"]["y"][0] = {2.0, 4.0, 8.0};
  const OracleReport report = CheckOracle(*Read(file.dump()), RunDoubling);
  EXPECT_DOUBLE_EQ(report.error64, 0.25);
}

TEST(OracleCheckTest, IntegersAreExact) {
  json file = Doubling();
  file["cases"][0]["expected"]["k"] = 8;
  file["tol64"] = {1, 1};
  EXPECT_NE(Problem(file).find("k at 0 is 7, expected 8"), std::string::npos);
}

TEST(OracleCheckTest, NotANumberFails) {
  const auto nan = [](OracleInputs& in) {
    OracleOutputs outputs = RunDoubling(in);
    outputs["y"] = outputs["y"] / 0 * 0;
    return outputs;
  };
  EXPECT_NE(Problem(Doubling(), nan).find("y at 0 is nan"), std::string::npos);
}

TEST(OracleCheckTest, OutputsMustBeThoseOfTheFileInNumberAndShape) {
  const auto less = [](OracleInputs& in) {
    OracleOutputs outputs = RunDoubling(in);
    outputs.erase("y");
    return outputs;
  };
  EXPECT_NE(Problem(Doubling(), less).find("nothing computes output y"), std::string::npos);
  const auto more = [](OracleInputs& in) {
    OracleOutputs outputs = RunDoubling(in);
    outputs["z"] = outputs["y"];
    return outputs;
  };
  EXPECT_NE(Problem(Doubling(), more).find("the file has no output z"), std::string::npos);
  const auto sum = [](OracleInputs& in) {
    OracleOutputs outputs = RunDoubling(in);
    outputs["y"] = outputs["y"].sum();
    return outputs;
  };
  EXPECT_NE(Problem(Doubling(), sum).find("y has 1 elements"), std::string::npos);
}

TEST(OracleCheckTest, InputsThatDoNotFitTheFunctionAreReported) {
  const auto missing = [](OracleInputs& in) { return OracleOutputs{{"y", in.Real("w", "T")}}; };
  EXPECT_NE(Problem(Doubling(), missing).find("no input w"), std::string::npos);
  const auto vector = [](OracleInputs& in) { return OracleOutputs{{"y", in.Real("x", "T")}}; };
  EXPECT_NE(Problem(Doubling(), vector).find("input x is not [T]"), std::string::npos);
  const auto square = [](OracleInputs& in) { return OracleOutputs{{"y", in.Real("x", "T,T")}}; };
  EXPECT_NE(Problem(Doubling(), square).find("input x is not [T,T]"), std::string::npos);
  const auto longer = [](OracleInputs& in) {
    return OracleOutputs{{"y", in.Real("x", "T,T+1") * 2}};
  };
  EXPECT_NE(Problem(Doubling(), longer).find("nothing computes output k"), std::string::npos);
  const auto scalar = [](OracleInputs& in) {
    return OracleOutputs{{"y", in.Real("n", "") * in.Scalar("x")}};
  };
  EXPECT_NE(Problem(Doubling(), scalar).find("input x is not a scalar"), std::string::npos);
}

struct Damage {
  const char* what;  // part of the message
  std::function<void(json*)> make;
};

TEST(OracleFileTest, DamagedFilesSayWhatIsWrong) {
  const std::vector<Damage> damages{
      {"lacks format", [](json* file) { file->erase("format"); }},
      {"rl-oracle/1", [](json* file) { (*file)["format"] = "rl-oracle/2"; }},
      {"function: ", [](json* file) { (*file)["function"] = 3; }},
      {"lacks tol64", [](json* file) { file->erase("tol64"); }},
      {"tol64 is not [", [](json* file) { (*file)["tol64"] = {1}; }},
      {"no cases", [](json* file) { (*file)["cases"] = json::array(); }},
      {"lacks outputs", [](json* file) { file->erase("outputs"); }},
      {"dtype", [](json* file) { (*file)["inputs"]["x"]["dtype"] = "float16"; }},
      {"case first: lacks shapes", [](json* file) { (*file)["cases"][0].erase("shapes"); }},
      {"x: lacks x", [](json* file) { (*file)["cases"][0]["inputs"].erase("x"); }},
      {"y: lacks y", [](json* file) { (*file)["cases"][0]["expected"].erase("y"); }},
      {"does not declare", [](json* file) { (*file)["cases"][0]["inputs"]["z"] = 1; }},
      {"case first: lacks y", [](json* file) { (*file)["cases"][0]["tol32"].erase("y"); }},
      {"axis 1 is not a list of 3",
       [](json* file) { (*file)["cases"][0]["inputs"]["x"][1] = {1.0}; }},
      {"axis 0",
       [](json* file) {
         (*file)["cases"][0]["shapes"]["x"] = {-2, 3};
       }},
      {"a number, not null",
       [](json* file) { (*file)["cases"][0]["inputs"]["x"][1][1] = nullptr; }},
  };
  for (const Damage& damage : damages) {
    json file = Doubling();
    damage.make(&file);
    const std::string problem = Problem(file);
    EXPECT_NE(problem.find(damage.what), std::string::npos) << damage.what << ": " << problem;
    EXPECT_NE(problem.find("doubling.json"), std::string::npos) << problem;
  }
}

TEST(OracleFileTest, NoJsonOrNoFile) {
  EXPECT_EQ(Read("{\"format\": \"rl-ora").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Read("[]").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadOracleFile("/nowhere/x.json").status().message(),
            "/nowhere/x.json: cannot be read");
}

}  // namespace
}  // namespace drover

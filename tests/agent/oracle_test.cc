// Runs the functions of agent/ over files of test vectors from independent libraries
// (tests/oracles/README.md):
//
//   bazel-bin/tests/agent/oracle_test [--oracles=DIR]
//
// One line for each *.json of DIR but index.json. Exit code 1 if any file is malformed or any
// value off, 2 for a bad flag.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "tests/agent/oracle/runners.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

// The files that come with this test: below the folder it runs in, or in its runfiles.
std::string DefaultFolder(const std::string& program) {
  const std::string folder = "tests/oracles";
  return fs::is_directory(folder) ? folder : program + ".runfiles/drover/" + folder;
}

std::vector<fs::path> OracleFiles(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() == ".json" && path.filename() != "index.json") files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Prints the file's line and what is wrong. False if anything is.
bool Check(const fs::path& path) {
  const std::string name = path.stem().string();
  const auto file = ReadOracleFile(path.string());
  if (!file.ok()) {
    absl::PrintF("%-28s FAILED: %s\n", name, file.status().message());
    return false;
  }
  if (file->function != name) {
    absl::PrintF("%-28s FAILED: says that it is of function \"%s\"\n", name, file->function);
    return false;
  }
  const auto runner = OracleRunners().find(name);
  if (runner == OracleRunners().end()) {
    absl::PrintF("%-28s not implemented\n", name);
    return true;
  }
  const OracleReport report = CheckOracle(*file, runner->second);
  absl::PrintF("%-28s %3d cases  largest error: float64 %.1e  float32 %.1e  %s\n", name,
               file->cases.size(), report.error64, report.error32,
               report.failures.empty() ? "ok" : "FAILED");
  for (const std::string& failure : report.failures) absl::PrintF("    %s\n", failure);
  return report.failures.empty();
}

int Main(const std::string& folder) {
  const std::vector<fs::path> files = OracleFiles(folder);
  if (files.empty()) {
    absl::FPrintF(stderr, "no *.json in %s\n", folder);
    return 1;
  }
  const auto failed =
      std::count_if(files.begin(), files.end(), [](const fs::path& path) { return !Check(path); });
  absl::PrintF("%d files, %d failed\n", files.size(), failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace drover

int main(int argc, char** argv) try {
  CLI::App app("Tests the maths of agent/ against recorded values of independent libraries.");
  std::string folder = drover::DefaultFolder(argv[0]);
  app.add_option("--oracles", folder, "folder of *.json files");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return drover::Main(folder);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}

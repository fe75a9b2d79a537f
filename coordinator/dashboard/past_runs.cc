#include "coordinator/dashboard/past_runs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace drover {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr char kMetrics[] = "metrics.jsonl";
constexpr size_t kMostRuns = 50;
constexpr size_t kMostPoints = 400;
constexpr size_t kMostBytes = 1 << 20;  // of a summary or config

fs::path Normal(const std::string& run_dir) {
  fs::path path = fs::absolute(run_dir).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

// A plain name of a folder beside this run's, and one with metrics.
absl::StatusOr<fs::path> Find(const std::string& run_dir, const std::string& name) {
  const fs::path own = Normal(run_dir);
  const bool plain = !name.empty() && name != "." && name != ".." &&
                     name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
  std::error_code error;
  const fs::path path = name.empty() ? own : own.parent_path() / name;
  if ((!plain && !name.empty()) || !fs::is_regular_file(path / kMetrics, error)) {
    return absl::NotFoundError("no such run");
  }
  return path;
}

json Summary(const fs::path& path) {
  const absl::StatusOr<std::string> text = ReadFile((path / "summary.json").string(), kMostBytes);
  if (!text.ok()) return nullptr;
  json summary = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  return summary.is_discarded() ? nullptr : summary;
}

// Half a line, as a crash leaves, is no point; nor is an evaluation.
bool AddPoint(const std::string& line, std::vector<json>* points) {
  const json full = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!full.is_object() || !full.contains("frames")) return false;
  json deviation = nullptr;
  if (const auto metrics = full.find("metrics");
      metrics != full.end() && metrics->contains("return_std")) {
    deviation = (*metrics)["return_std"];
  }
  points->push_back({full.value("seconds", 0.0), full.value("frames", 0.0),
                     full.contains("mean_return") ? full["mean_return"] : json(nullptr),
                     std::move(deviation), full.value("frames_per_second", 0.0),
                     full.value("trained_frames", 0.0), full.value("updates", 0.0)});
  return true;
}

// Every second one of them goes.
void Halve(std::vector<json>* points) {
  size_t kept = 0;
  for (size_t i = 0; i < points->size(); i += 2) (*points)[kept++] = std::move((*points)[i]);
  points->resize(kept);
}

}  // namespace

std::string PastRunsJson(const std::string& run_dir) {
  const fs::path own = Normal(run_dir);
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code error;
  for (fs::directory_iterator it(own.parent_path(), error), end; !error && it != end;
       it.increment(error)) {
    std::error_code none;
    const fs::file_time_type time = fs::last_write_time(it->path() / kMetrics, none);
    if (none && it->path() != own) continue;
    found.emplace_back(it->path() == own ? fs::file_time_type::max() : time, it->path());
  }
  std::sort(found.rbegin(), found.rend());
  if (found.size() > kMostRuns) found.resize(kMostRuns);
  json runs = json::array();
  for (const auto& [time, path] : found) {
    runs.push_back({{"name", path.filename().string()},
                    {"current", path == own},
                    {"summary", path == own ? json(nullptr) : Summary(path)}});
  }
  return runs.dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::StatusOr<std::string> CurveJson(const std::string& run_dir, const std::string& name) {
  DROVER_ASSIGN_OR_RETURN(const fs::path path, Find(run_dir, name));
  std::ifstream file(path / kMetrics);
  std::vector<json> points;
  size_t each = 1;  // so many lines are one point
  size_t skipped = 0;
  for (std::string line; std::getline(file, line);) {
    if (++skipped < each) continue;
    if (!AddPoint(line, &points)) continue;
    skipped = 0;
    if (points.size() < 2 * kMostPoints) continue;
    Halve(&points);
    each *= 2;
  }
  if (points.size() > kMostPoints) Halve(&points);
  return json(points).dump();
}

absl::StatusOr<std::string> ConfigText(const std::string& run_dir, const std::string& name) {
  DROVER_ASSIGN_OR_RETURN(const fs::path path, Find(run_dir, name));
  return ReadFile((path / "config.textproto").string(), kMostBytes);
}

}  // namespace drover

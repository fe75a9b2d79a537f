#include "cli/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/human.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"

namespace drover {
namespace {

using nlohmann::json;

double Number(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

std::string Text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool Has(const json& object, const char* key) {
  return object.contains(key) && !object[key].is_null();
}

std::string EndText(const json& summary) {
  std::string reason = Text(summary, "end_reason");
  if (reason == "target_reached") return "target reached";
  if (reason == "budget_spent") return "budget spent";
  return reason;
}

}  // namespace

absl::StatusOr<json> ReadSummary(const std::string& run_dir) {
  const std::string path = absl::StrCat(run_dir, "/", kSummaryFile);
  DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, 1 << 20));
  json summary = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!summary.is_object()) return absl::DataLossError(absl::StrCat(path, " is damaged"));
  return summary;
}

std::string SummaryText(const json& summary, const std::string& run_dir) {
  const auto frames = static_cast<uint64_t>(Number(summary, "frames"));
  std::string text =
      absl::StrCat(EndText(summary), ": ", FormatCount(frames), " frames in ",
                   FormatDuration(Number(summary, "seconds")), " (",
                   FormatNumber(Number(summary, "frames_per_second")), " a second), ",
                   FormatCount(static_cast<uint64_t>(Number(summary, "updates"))), " updates\n");
  if (Has(summary, "mean_return")) {
    absl::StrAppend(&text, "training return ", FormatNumber(Number(summary, "mean_return")),
                    " over the last 100 episodes\n");
  }
  if (Has(summary, "eval") && summary["eval"].is_object()) {
    const json& eval = summary["eval"];
    absl::StrAppend(&text, absl::StrFormat("evaluation %.2f ± %.2f over %d greedy episodes\n",
                                           Number(eval, "mean"), Number(eval, "std"),
                                           static_cast<int64_t>(Number(eval, "episodes"))));
  }
  absl::StrAppend(&text, "files in ", run_dir,
                  ": summary.json, metrics.jsonl, tensorboard/, logs/");
  if (Has(summary, "checkpoint")) absl::StrAppend(&text, ", ", Text(summary, "checkpoint"), "/");
  absl::StrAppend(&text, "\n");
  return text;
}

}  // namespace drover

#include "deploy/doctor/finding.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace drover {
namespace {

using Level = Finding::Level;

const char* Name(Level level) {
  switch (level) {
    case Level::kOk:
      return "ok";
    case Level::kWarning:
      return "warning";
    case Level::kWrong:
      return "wrong";
  }
  return "";
}

size_t Count(const Findings& findings, Level level) {
  return static_cast<size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [level](const Finding& finding) { return finding.level == level; }));
}

// Also of what another program printed.
std::string OneLine(const std::string& text) { return absl::StrReplaceAll(text, {{"\n", "; "}}); }

}  // namespace

Finding Ok(std::string what, std::string found) {
  return {Level::kOk, std::move(what), std::move(found), ""};
}

Finding Warning(std::string what, std::string found, std::string mend) {
  return {Level::kWarning, std::move(what), std::move(found), std::move(mend)};
}

Finding Wrong(std::string what, std::string found, std::string mend) {
  return {Level::kWrong, std::move(what), std::move(found), std::move(mend)};
}

bool AnyWrong(const Findings& findings) { return Count(findings, Level::kWrong) > 0; }

std::string FindingsText(const Findings& findings) {
  size_t width = 0;
  for (const Finding& finding : findings) width = std::max(width, finding.what.size());
  std::string text;
  for (const Finding& finding : findings) {
    absl::StrAppendFormat(&text, "%-7s  %-*s  %s\n", Name(finding.level), static_cast<int>(width),
                          finding.what, OneLine(finding.found));
    if (!finding.mend.empty()) absl::StrAppend(&text, "  mend: ", finding.mend, "\n");
  }
  absl::StrAppend(&text, findings.size(), " looked at: ", Count(findings, Level::kWrong),
                  " wrong, ", Count(findings, Level::kWarning), " warnings\n");
  return text;
}

std::string FindingsJson(const Findings& findings) {
  nlohmann::ordered_json all;
  all["ok"] = !AnyWrong(findings);
  all["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    all["findings"].push_back({{"level", Name(finding.level)},
                               {"what", finding.what},
                               {"found", finding.found},
                               {"mend", finding.mend}});
  }
  // What others printed may be no UTF-8.
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace drover

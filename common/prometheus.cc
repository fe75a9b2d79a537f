#include "common/prometheus.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace drover {
namespace {

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  // Counts stay whole; else all digits that a double has.
  if (value == std::floor(value) && std::abs(value) < 1e15) return absl::StrFormat("%.0f", value);
  return absl::StrFormat("%.17g", value);
}

std::string Bound(double value) { return absl::StrFormat("%g", value); }

void AddSample(const std::string& name, const PrometheusText::Labels& labels, double value,
               std::string* text) {
  absl::StrAppend(text, name);
  const char* separator = "{";
  for (const auto& [label, text_of] : labels) {
    absl::StrAppend(text, separator, label, "=\"",
                    absl::StrReplaceAll(text_of, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
                    "\"");
    separator = ",";
  }
  absl::StrAppend(text, labels.empty() ? " " : "} ", Number(value), "\n");
}

}  // namespace

std::string* PrometheusText::Samples(const std::string& name, const char* type,
                                     const std::string& help) {
  Family& family = families_[name];
  if (family.type.empty()) family = {type, help, ""};
  return &family.samples;
}

void PrometheusText::Counter(const std::string& name, const std::string& help, const Labels& labels,
                             double value) {
  AddSample(name, labels, value, Samples(name, "counter", help));
}

void PrometheusText::Gauge(const std::string& name, const std::string& help, const Labels& labels,
                           double value) {
  AddSample(name, labels, value, Samples(name, "gauge", help));
}

void PrometheusText::Histogram(const std::string& name, const std::string& help,
                               const Labels& labels, const std::vector<double>& bounds,
                               const std::vector<uint64_t>& counts, double sum) {
  if (counts.size() != bounds.size() + 1) return;  // what a peer sent is none
  std::string* samples = Samples(name, "histogram", help);
  uint64_t total = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    Labels bucket = labels;
    bucket.emplace_back("le", i < bounds.size() ? Bound(bounds[i]) : "+Inf");
    AddSample(name + "_bucket", bucket, static_cast<double>(total), samples);
  }
  AddSample(name + "_sum", labels, sum, samples);
  AddSample(name + "_count", labels, static_cast<double>(total), samples);
}

std::string PrometheusText::text() const {
  std::string text;
  for (const auto& [name, family] : families_) {
    absl::StrAppend(&text, "# HELP ", name, " ", family.help, "\n# TYPE ", name, " ", family.type,
                    "\n", family.samples);
  }
  return text;
}

}  // namespace drover

#ifndef DROVER_COMMON_PROMETHEUS_H_
#define DROVER_COMMON_PROMETHEUS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace drover {

// What a process shows to Prometheus, in its text format (content type kPrometheusType). Our
// figures are snapshots that come from several processes, so a writer is all that is needed: a
// client library would keep counters of its own.
//
// A family is all samples of one name, which differ by their labels; samples may be added in any
// order. Names end in their unit (`_seconds`, `_bytes`), counters in `_total`. Not thread-safe.
class PrometheusText {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  // A total that only grows; what is so now; how often a value was within each bound
  // (`counts` has one more: above all).
  void Counter(const std::string& name, const std::string& help, const Labels& labels,
               double value);
  void Gauge(const std::string& name, const std::string& help, const Labels& labels, double value);
  void Histogram(const std::string& name, const std::string& help, const Labels& labels,
                 const std::vector<double>& bounds, const std::vector<uint64_t>& counts,
                 double sum);

  std::string text() const;

 private:
  struct Family {
    std::string type;
    std::string help;
    std::string samples;
  };
  std::string* Samples(const std::string& name, const char* type, const std::string& help);

  std::map<std::string, Family> families_;
};

constexpr char kPrometheusType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace drover

#endif  // DROVER_COMMON_PROMETHEUS_H_

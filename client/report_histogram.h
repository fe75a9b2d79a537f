#ifndef DROVER_CLIENT_REPORT_HISTOGRAM_H_
#define DROVER_CLIENT_REPORT_HISTOGRAM_H_

#include <string>

#include "common/tally.h"
#include "proto/coordinator.pb.h"

namespace drover {

// Says in a report how often a quantity was how large.
inline void AddHistogram(const std::string& name, const Tally& tally, Report* report) {
  Histogram* histogram = report->add_histograms();
  histogram->set_name(name);
  histogram->mutable_bounds()->Add(tally.bounds().begin(), tally.bounds().end());
  for (const uint64_t count : tally.counts()) histogram->add_counts(count);
  histogram->set_sum(tally.sum());
}

}  // namespace drover

#endif  // DROVER_CLIENT_REPORT_HISTOGRAM_H_

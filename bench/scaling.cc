#include "bench/scaling.h"

namespace drover {

std::vector<int> ScalingCounts(int most) {
  std::vector<int> counts;
  for (int count = 1; count < most; count *= 2) counts.push_back(count);
  counts.push_back(most);
  return counts;
}

ScalingPoint MakeScalingPoint(int actors, const Throughput& measured, const ScalingPoint* one) {
  ScalingPoint point;
  point.actors = actors;
  point.acted_per_second = measured.acted_frames_per_second;
  point.trained_per_second = measured.frames_per_second;
  point.ideal_per_second = one == nullptr ? point.acted_per_second : actors * one->acted_per_second;
  if (point.ideal_per_second > 0) {
    point.efficiency = point.acted_per_second / point.ideal_per_second;
  }
  for (const Throughput::Process& process : measured.processes) {
    const double share = process.cores / measured.cores;
    point.cpu_share += share;
    if (process.name == "learner 0") point.learner_cpu_share = share;
  }
  point.load = measured.load;
  return point;
}

}  // namespace drover

#ifndef DROVER_BENCH_SCALING_H_
#define DROVER_BENCH_SCALING_H_

#include <vector>

#include "bench/throughput.h"

namespace drover {

// What a number of actors came to, against as many times what one does.
struct ScalingPoint {
  int actors = 0;
  double acted_per_second = 0;    // frames, of all actors
  double trained_per_second = 0;  // frames
  double ideal_per_second = 0;    // acted, if nobody waited for another
  double efficiency = 0;          // acted / ideal
  double cpu_share = 0;           // of this machine's cores, by all processes of the run
  double learner_cpu_share = 0;
  double load = 0;  // of the machine before
};

// The numbers of actors to measure: 1, 2, 4, … and `most`.
std::vector<int> ScalingCounts(int most);

// `one`: the point of one actor; null: this is it.
ScalingPoint MakeScalingPoint(int actors, const Throughput& measured, const ScalingPoint* one);

}  // namespace drover

#endif  // DROVER_BENCH_SCALING_H_

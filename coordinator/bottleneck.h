#ifndef DROVER_COORDINATOR_BOTTLENECK_H_
#define DROVER_COORDINATOR_BOTTLENECK_H_

#include <string>

#include "proto/coordinator.pb.h"

namespace drover {

// What holds a run up: the stage that is busy while the others wait for it.
struct Bottleneck {
  enum class Kind {
    kUnknown,      // too little is known yet, or the run does not train
    kEnvironment,  // actors step environments
    kInference,    // actors choose actions
    kGradients,    // actors compute gradients (topology a3c)
    kNetwork,      // both ends wait: experience, weights or credits are on their way
    kLearner,      // the train step
    kLimiter,      // a replay table's rate limiter holds one side back
  };
  Kind kind = Kind::kUnknown;
  std::string why;      // one sentence, with the figures that say so
  std::string setting;  // what moves it
};

// "environment", …, "replay's limiter"; "–" where it is unknown.
std::string BottleneckName(Bottleneck::Kind kind);

// Decides from what each thread did between two answers of the coordinator, some seconds apart; an
// empty `before`: since the start.
//
// Each stage is busy while it does not wait: the learner's thread outside "wait", an actor's
// likewise. With a queue between them the busier of the two is the bottleneck, and of an actor the
// part that takes most. Where both wait most of the time, what they wait for is on its way. With
// replay the learner waits for nobody but the servers: a limiter that holds its samples back is
// the bottleneck, unless actors do nothing but step slow environments.
Bottleneck FindBottleneck(const StatusReply& before, const StatusReply& now);

}  // namespace drover

#endif  // DROVER_COORDINATOR_BOTTLENECK_H_

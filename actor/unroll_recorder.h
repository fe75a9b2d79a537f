#ifndef DROVER_ACTOR_UNROLL_RECORDER_H_
#define DROVER_ACTOR_UNROLL_RECORDER_H_

#include "actor/unroll_builder.h"
#include "common/archive.h"

namespace drover {

// Adds to a message what the run wants to know of its steps besides them. One thread.
class UnrollRecorder {
 public:
  virtual ~UnrollRecorder() = default;

  // Of a complete unroll; the next call is of the next unroll.
  virtual void Record(UnrollBuilder* builder) = 0;

  // What it carries from one to the next.
  virtual void SaveOrRestore(Archive* archive) = 0;
};

}  // namespace drover

#endif  // DROVER_ACTOR_UNROLL_RECORDER_H_

#ifndef DROVER_ACTOR_POLICY_H_
#define DROVER_ACTOR_POLICY_H_

#include <cstdint>

#include "common/archive.h"

namespace drover {

// Where the actions of one step go: the field that the action space asks for.
// The caller's memory.
struct ActionRow {
  int32_t* discrete = nullptr;  // [E]
  float* continuous = nullptr;  // [E, D]
};

// What acts: all that the actor loop and evaluation know of inference, whether
// it happens in this process or elsewhere. One thread.
class Policy {
 public:
  virtual ~Policy() = default;

  // Between two steps: takes newer weights where there are any. Returns the
  // version that acts from now on.
  virtual uint64_t Refresh() = 0;

  // Acts in E environments at once. observation [E, O] float32; log_prob [E] gets
  // log μ(a|x) of the actions chosen, or is null where nobody wants to know.
  virtual void Act(const float* observation, const ActionRow& action, float* log_prob) = 0;

  // What it remembers of each environment's episode, [E, S] float32, before it acts next; null: it
  // has no memory. Valid until it acts.
  virtual const float* state() const { return nullptr; }
  // This environment starts an episode: what it remembers there is of the last one.
  virtual void Forget(int /*environment*/) {}

  // What its actions depend on besides weights and observations: what it remembers, and draws at
  // random.
  virtual void SaveOrRestore(Archive* archive) = 0;
};

}  // namespace drover

#endif  // DROVER_ACTOR_POLICY_H_

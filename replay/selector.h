#ifndef DROVER_REPLAY_SELECTOR_H_
#define DROVER_REPLAY_SELECTOR_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "proto/experiment.pb.h"

namespace drover {

// A slot that was chosen, and how likely that was.
struct Draw {
  uint32_t slot = 0;
  double probability = 0;
};

// Chooses among the occupied slots of a table: whom to sample, or whom to remove. The kinds
// (SelectorConfig.Kind), with p the priority of a slot and n the number of them:
//   uniform       P(i) = 1 / n
//   fifo, lifo    P(oldest) = 1, P(newest) = 1, by the order of Insert
//   prioritized   P(i) = w_i / Σ w, w = max(p^α, 1e-300): a priority of 0 is never chosen beside
//                 others, and all alike if there is nothing else
//   max_priority, min_priority   P(i) = 1 for the one of largest, smallest p (of equals, any)
//
// Priorities are finite and at least 0. The caller knows which slots it inserted: a slot is in it
// at most once, and Update and Erase are of one that is. Not thread-safe.
class Selector {
 public:
  virtual ~Selector() = default;

  virtual void Insert(uint32_t slot, double priority) = 0;
  virtual void Update(uint32_t slot, double priority) = 0;
  virtual void Erase(uint32_t slot) = 0;

  // Insert, Update, or Erase and Insert of each in turn; faster than one by one.
  virtual void InsertAll(absl::Span<const uint32_t> slots, absl::Span<const float> priorities);
  virtual void UpdateAll(absl::Span<const uint32_t> slots, absl::Span<const float> priorities);
  virtual void ReplaceAll(absl::Span<const uint32_t> slots, absl::Span<const float> priorities);

  // The slot at `uniform` of [0, 1) of all the probability, in an order that is the selector's own;
  // uniform random numbers give it with P(i). It is not empty.
  virtual Draw Sample(double uniform) const = 0;
  // The same for each of `uniforms`; faster than one by one.
  virtual void SampleAll(absl::Span<const double> uniforms, absl::Span<Draw> draws) const;

  // All slots in the order of their Insert, where P depends on it; else none.
  virtual void Order(std::vector<uint32_t>* slots) const { slots->clear(); }

  virtual double Probability(uint32_t slot) const = 0;  // P(i) of a slot that is in it

  // What a priority weighs when several servers share a batch: Σ w, or n where p is no part of P.
  virtual double mass() const = 0;
};

// For slots 0 … capacity-1. `exponent`: α, of the prioritized kind alone.
std::unique_ptr<Selector> MakeSelector(SelectorConfig::Kind kind, double exponent,
                                       uint32_t capacity);

}  // namespace drover

#endif  // DROVER_REPLAY_SELECTOR_H_

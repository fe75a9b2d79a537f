#ifndef DROVER_AGENT_MODEL_RECURRENT_CORE_H_
#define DROVER_AGENT_MODEL_RECURRENT_CORE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "agent/model/mlp.h"
#include "agent/model/parameters.h"
#include "common/random.h"
#include "proto/experiment.pb.h"

namespace drover {

// The memory of a network, between torso and head: one LSTM or GRU cell of H units. Its state is a
// row of S numbers, which starts at zero in each episode; the first H of them are its output.
//
// It owns "<name>.input.0" [G H, in] and "<name>.recurrent.0" [G H, H], weights and biases, whose G
// gates have LibTorch's order. Copies share the parameters' views; safe as Mlp is.
class RecurrentCore {
 public:
  static std::vector<ParameterSpec> Specs(const Recurrence& config, const std::string& name,
                                          int64_t inputs);

  RecurrentCore(const Parameters& parameters, const Recurrence& config, const std::string& name);

  // Orthogonal in each gate, no biases but 1 for the gate that keeps what there was.
  void Initialize(Random& random) const;

  int64_t size() const { return size_; }  // H
  int64_t state_elements() const { return StateElements(lstm_, size_); }

  // x [T, N, in], state [N, S] before the first step, keep [T, N] float32: 0 where an episode
  // begins with step t, else 1. Returns the state after each step [T, N, S].
  at::Tensor Scan(const at::Tensor& x, const at::Tensor& state, const at::Tensor& keep) const;

  // x [N, in], state [N, S] -> the next state.
  at::Tensor Step(const at::Tensor& x, const at::Tensor& state) const;

  // The output of such states [..., H].
  at::Tensor Output(const at::Tensor& states) const { return states.narrow(-1, 0, size_); }

  // Numbers in the state row of a model: its policy's, then, unless they share a torso, its
  // value's. 0: it has no memory.
  static int64_t StateElements(const ModelConfig& config);

 private:
  static int64_t StateElements(bool lstm, int64_t size) { return lstm ? 2 * size : size; }

  bool lstm_;  // else a GRU
  int64_t size_;
  Mlp input_;
  Mlp recurrent_;
};

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_RECURRENT_CORE_H_

#ifndef DROVER_AGENT_BATCH_VIEW_H_
#define DROVER_AGENT_BATCH_VIEW_H_

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/batch.h"
#include "common/unroll_layout.h"

namespace drover {

// Columns of memory as the tensors that the train step wants. Of its thread.
class BatchView {
 public:
  // Of unrolls of T steps each. INVALID_ARGUMENT: the spec is not that of agent/spec.h. `layout`
  // outlives it.
  static absl::StatusOr<BatchView> Make(const UnrollLayout* layout, int64_t steps,
                                        at::Device device);

  // B = `unrolls` of them. Leaf i of the layout is `columns`[i], [T+1, B, …], [T, B, …], [B, …] or,
  // if it is sparse, [K, …], whose rows belong to `final_positions`, t * B + b. On the CPU the
  // tensors share this memory and are good as long as it stays as it is; actions are copied where
  // they are discrete: int32 on the wire, int64 in LibTorch.
  Batch View(int64_t unrolls, std::vector<std::vector<char>>* columns,
             std::vector<int64_t>* final_positions) const;

 private:
  BatchView(const UnrollLayout* layout, int64_t steps, at::Device device);

  at::Tensor Leaf(int64_t unrolls, std::vector<std::vector<char>>* columns, int64_t finals,
                  const std::string& name) const;

  const UnrollLayout* layout_;
  int64_t steps_;
  at::Device device_;
};

}  // namespace drover

#endif  // DROVER_AGENT_BATCH_VIEW_H_

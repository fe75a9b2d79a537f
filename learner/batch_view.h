#ifndef DROVER_LEARNER_BATCH_VIEW_H_
#define DROVER_LEARNER_BATCH_VIEW_H_

#include <ATen/core/Tensor.h>

#include <string>

#include "absl/status/statusor.h"
#include "agent/batch.h"
#include "common/unroll_layout.h"
#include "learner/batch_buffer.h"

namespace drover {

// A batch buffer as the tensors that the train step wants. Of the learner's thread.
class BatchView {
 public:
  // INVALID_ARGUMENT: the spec is not that of agent/spec.h. `unrolls`: B. `layout` outlives it.
  static absl::StatusOr<BatchView> Make(const UnrollLayout* layout, int64_t unrolls,
                                        at::Device device);

  // On the CPU the tensors share `buffer`'s memory and are good as long as it
  // stays as it is; actions are copied where they are discrete: int32 on the
  // wire, int64 in LibTorch.
  Batch View(BatchBuffer* buffer) const;

 private:
  BatchView(const UnrollLayout* layout, int64_t unrolls, at::Device device);

  at::Tensor Leaf(BatchBuffer* buffer, const std::string& name) const;

  const UnrollLayout* layout_;
  int64_t unrolls_;
  at::Device device_;
};

}  // namespace drover

#endif  // DROVER_LEARNER_BATCH_VIEW_H_

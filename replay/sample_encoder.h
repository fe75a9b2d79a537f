#ifndef DROVER_REPLAY_SAMPLE_ENCODER_H_
#define DROVER_REPLAY_SAMPLE_ENCODER_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>

#include "common/unroll_layout.h"
#include "proto/replay.pb.h"
#include "replay/sampled_batch.h"
#include "replay/window.h"

namespace drover {

// Makes the SampleAnswer of a batch: its steps are copied once, from the chunks into the message.
// Stateless: any thread.
class SampleEncoder {
 public:
  // `layout` outlives it. `steps`: L of the table; T of the layout.
  SampleEncoder(const UnrollLayout* layout, size_t steps)
      : layout_(layout), assembler_(layout, static_cast<uint32_t>(steps)), steps_(steps) {}

  // `rest` is the SampleBatch's fields that are not the batch's own: table, progress, tag.
  grpc::ByteBuffer Encode(const SampledBatch& batch, SampleBatch rest) const;

  // No answer of `items` is larger, without what `rest` says.
  size_t MaxBytes(size_t items) const;

 private:
  const UnrollLayout* const layout_;
  const WindowAssembler assembler_;
  const size_t steps_;
};

}  // namespace drover

#endif  // DROVER_REPLAY_SAMPLE_ENCODER_H_

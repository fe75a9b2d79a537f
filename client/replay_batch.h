#ifndef DROVER_CLIENT_REPLAY_BATCH_H_
#define DROVER_CLIENT_REPLAY_BATCH_H_

#include <google/protobuf/io/coded_stream.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/unroll_layout.h"
#include "proto/replay.pb.h"

namespace drover {

// B items out of a replay table, side by side: one contiguous, time-major array a leaf.
struct ReplayBatch {
  // Leaf i of the layout: [L+1, B, …], [L, B, …], [B, …], or [K, …] if it is sparse.
  std::vector<std::vector<char>> columns;
  // Where the K rows of sparse leaves belong: (step, item), in that order.
  std::vector<std::pair<uint32_t, uint32_t>> finals;
  std::vector<uint64_t> keys;           // [B]
  std::vector<double> probabilities;    // [B]: with which each was drawn, of all shards' items
  std::vector<float> priorities;        // [B]: when it was drawn
  std::vector<uint32_t> times_sampled;  // [B]: this time included
  std::vector<uint64_t> versions;       // [B]: of the weights that acted its first step
  uint64_t items = 0;                   // N: in the tables of all shards when it was asked for
};

// Makes one ReplayBatch of the answers of several shards, each of which has some of its items.
// What comes is copied once, from the wire to its place. Different parts may be added by different
// threads at once; everything else is for one thread.
class ReplayBatchBuilder {
 public:
  // `layout` outlives it. `steps`: L; `items`: B.
  ReplayBatchBuilder(const UnrollLayout* layout, size_t steps, size_t items);

  // Which items, of those of the batch, a shard was asked for, and the probability of asking it.
  struct Part {
    size_t first = 0;
    size_t count = 0;
    double shard_probability = 1;
  };

  // Takes what a SampleAnswer says of `part`: `head`, then, out of `in`, the columns with their
  // tags up to the end. INVALID_ARGUMENT: that is no answer for this part; it may come anew.
  absl::Status Add(const Part& part, const SampleBatch& head,
                   google::protobuf::io::CodedInputStream* in);

  // Once all parts are there: the batch takes the place of `*batch`, whose memory is used for the
  // next. `items` remains to be set.
  void Finish(ReplayBatch* batch);

  size_t items() const { return items_; }

 private:
  struct Sparse {  // of one part
    std::vector<std::pair<uint32_t, uint32_t>> finals;
    std::vector<std::string> columns;
  };

  absl::Status CheckHead(const Part& part, const SampleBatch& head) const;
  absl::Status ReadColumn(const Part& part, size_t leaf, size_t finals, Sparse* sparse,
                          google::protobuf::io::CodedInputStream* in);
  void Resize();

  const UnrollLayout* const layout_;
  const size_t steps_;
  const size_t items_;
  ReplayBatch batch_;
  std::vector<Sparse> sparse_;  // by the first item of their part
};

}  // namespace drover

#endif  // DROVER_CLIENT_REPLAY_BATCH_H_

#ifndef DROVER_CLIENT_WEIGHTS_ASSEMBLER_H_
#define DROVER_CLIENT_WEIGHTS_ASSEMBLER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "proto/weights.pb.h"

namespace drover {

// One version of the weights as it came over the wire.
struct WeightSet {
  WeightsHeader header;
  std::string data;  // header.total_bytes of float32, little-endian
};

// What a subscriber accepts.
struct WeightsLayout {
  uint64_t hash = 0;         // 0: any
  uint64_t total_bytes = 0;  // 0: any up to 4 GiB
};

// Puts the chunks of a version together and checks them. A peer's data is
// never trusted: memory grows with what has really come. Not thread-safe.
class WeightsAssembler {
 public:
  explicit WeightsAssembler(const WeightsLayout& layout) : layout_(layout) {}

  // True: set() is complete and checked, and the next chunk starts another one. False: more is
  // to come. INVALID_ARGUMENT: chunks out of order, another size or layout; DATA_LOSS: the
  // checksum is wrong. After an error only a header may follow.
  absl::StatusOr<bool> Add(WeightsChunk* chunk);

  // The owner may swap the data out and put another buffer in.
  WeightSet& set() { return set_; }

 private:
  absl::Status Begin(const WeightsHeader& header);
  absl::StatusOr<bool> Append(WeightsChunk* chunk);

  const WeightsLayout layout_;
  bool under_way_ = false;
  WeightSet set_;
};

}  // namespace drover

#endif  // DROVER_CLIENT_WEIGHTS_ASSEMBLER_H_

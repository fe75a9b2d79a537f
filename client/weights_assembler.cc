#include "client/weights_assembler.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crc32c.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr uint64_t kMaxTotalBytes = uint64_t{4} << 30;
// Memory is set aside for what a header promises only up to here; beyond, it grows with the data.
constexpr uint64_t kMaxTrustedBytes = uint64_t{64} << 20;

}  // namespace

absl::StatusOr<bool> WeightsAssembler::Add(WeightsChunk* chunk) {
  if (chunk->has_header()) {
    if (under_way_) {
      under_way_ = false;
      return absl::InvalidArgumentError("weights: a version began before the last was complete");
    }
    DROVER_RETURN_IF_ERROR(Begin(chunk->header()));
  } else if (!under_way_) {
    return absl::InvalidArgumentError("weights: a chunk without a header before it");
  }
  under_way_ = false;  // an error ends it
  absl::StatusOr<bool> complete = Append(chunk);
  under_way_ = complete.ok() && !*complete;
  return complete;
}

absl::Status WeightsAssembler::Begin(const WeightsHeader& header) {
  if (layout_.hash != 0 && header.layout_hash() != layout_.hash) {
    return absl::InvalidArgumentError(
        absl::StrCat("weights: version ", header.version(), " has layout ",
                     absl::Hex(header.layout_hash()), ", expected ", absl::Hex(layout_.hash),
                     ": publisher and subscriber were built from different models"));
  }
  const uint64_t limit = layout_.total_bytes != 0 ? layout_.total_bytes : kMaxTotalBytes;
  if (header.total_bytes() > limit ||
      (layout_.total_bytes != 0 && header.total_bytes() != layout_.total_bytes)) {
    return absl::InvalidArgumentError(absl::StrCat("weights: version ", header.version(), " has ",
                                                   header.total_bytes(), " bytes, expected ",
                                                   limit));
  }
  set_.header = header;
  set_.data.clear();
  set_.data.reserve(std::min(header.total_bytes(), kMaxTrustedBytes));
  return absl::OkStatus();
}

absl::StatusOr<bool> WeightsAssembler::Append(WeightsChunk* chunk) {
  const WeightsHeader& header = set_.header;
  if (chunk->offset() != set_.data.size() ||
      chunk->data().size() > header.total_bytes() - set_.data.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "weights: version ", header.version(), ": a chunk of ", chunk->data().size(), " bytes at ",
        chunk->offset(), " where ", set_.data.size(), " of ", header.total_bytes(), " were there"));
  }
  set_.data.append(chunk->data());
  if (set_.data.size() < header.total_bytes()) return false;
  if (const uint32_t crc = Crc32c(set_.data); crc != header.crc32c()) {
    return absl::DataLossError(absl::StrCat("weights: version ", header.version(), " has checksum ",
                                            absl::Hex(crc), ", its header says ",
                                            absl::Hex(header.crc32c())));
  }
  return true;
}

}  // namespace drover

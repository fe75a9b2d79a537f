#include "client/replay_batch.h"

#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/spec.h"
#include "common/status_macros.h"

namespace drover {
namespace {

using google::protobuf::internal::WireFormatLite;

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("replay sent a batch with ", what));
}

}  // namespace

ReplayBatchBuilder::ReplayBatchBuilder(const UnrollLayout* layout, size_t steps, size_t items)
    : layout_(layout), steps_(steps), items_(items), sparse_(items) {
  Resize();
}

void ReplayBatchBuilder::Resize() {
  batch_.columns.resize(layout_->leaves());
  for (size_t i = 0; i < layout_->leaves(); ++i) {
    const size_t values = ValueCount(layout_->leaf(i), steps_, items_, 0);
    batch_.columns[i].resize(values * layout_->value_bytes(i));
  }
  batch_.finals.clear();
  batch_.keys.resize(items_);
  batch_.probabilities.resize(items_);
  batch_.priorities.resize(items_);
  batch_.times_sampled.resize(items_);
  batch_.versions.resize(items_);
}

absl::Status ReplayBatchBuilder::CheckHead(const Part& part, const SampleBatch& head) const {
  const auto count = static_cast<int>(part.count);
  const bool right = head.keys_size() == count && head.probabilities_size() == count &&
                     head.priorities_size() == count && head.times_sampled_size() == count &&
                     head.versions_size() == count;
  if (!right) return Malformed("another number of items than was asked for");
  for (const Position& position : head.finals()) {
    if (position.step() >= steps_ || position.environment() >= part.count) {
      return Malformed("finals outside of its items");
    }
  }
  return absl::OkStatus();
}

absl::Status ReplayBatchBuilder::Add(const Part& part, const SampleBatch& head,
                                     google::protobuf::io::CodedInputStream* in) {
  DROVER_RETURN_IF_ERROR(CheckHead(part, head));
  const auto first = static_cast<std::ptrdiff_t>(part.first);
  std::copy(head.keys().begin(), head.keys().end(), batch_.keys.begin() + first);
  std::copy(head.priorities().begin(), head.priorities().end(), batch_.priorities.begin() + first);
  std::copy(head.times_sampled().begin(), head.times_sampled().end(),
            batch_.times_sampled.begin() + first);
  std::copy(head.versions().begin(), head.versions().end(), batch_.versions.begin() + first);
  std::transform(head.probabilities().begin(), head.probabilities().end(),
                 batch_.probabilities.begin() + first,
                 [&](double probability) { return part.shard_probability * probability; });
  Sparse& sparse = sparse_[part.first];
  sparse.finals.clear();
  for (const Position& position : head.finals()) {
    sparse.finals.emplace_back(position.step(), part.first + position.environment());
  }
  sparse.columns.resize(layout_->leaves());
  constexpr uint32_t kTag = WireFormatLite::MakeTag(SampleAnswer::kColumnsFieldNumber,
                                                    WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  for (size_t leaf = 0; leaf < layout_->leaves(); ++leaf) {
    if (in->ReadTag() != kTag) return Malformed("columns missing");
    DROVER_RETURN_IF_ERROR(ReadColumn(part, leaf, sparse.finals.size(), &sparse, in));
  }
  return in->ReadTag() == 0 && in->ConsumedEntireMessage() ? absl::OkStatus()
                                                           : Malformed("more than its columns");
}

absl::Status ReplayBatchBuilder::ReadColumn(const Part& part, size_t leaf, size_t finals,
                                            Sparse* sparse,
                                            google::protobuf::io::CodedInputStream* in) {
  const size_t value_bytes = layout_->value_bytes(leaf);
  uint32_t size = 0;
  if (!in->ReadVarint32(&size)) return Malformed("columns missing");
  if (size != ValueCount(layout_->leaf(leaf), steps_, part.count, finals) * value_bytes) {
    return Malformed(absl::StrCat(size, " bytes of ", layout_->leaf(leaf).name()));
  }
  if (layout_->leaf(leaf).rate() == Leaf::sparse) {
    std::string& rows = sparse->columns[leaf];
    return in->ReadString(&rows, static_cast<int>(size)) ? absl::OkStatus()
                                                         : Malformed("half a column");
  }
  const size_t row_bytes = part.count * value_bytes;
  char* out = batch_.columns[leaf].data() + part.first * value_bytes;
  for (size_t read = 0; read < size; read += row_bytes, out += items_ * value_bytes) {
    if (!in->ReadRaw(out, static_cast<int>(row_bytes))) return Malformed("half a column");
  }
  return absl::OkStatus();
}

void ReplayBatchBuilder::Finish(ReplayBatch* batch) {
  // (step, item, part, row of the part): sorted, the order in which the rows go.
  std::vector<std::tuple<uint32_t, uint32_t, const Sparse*, size_t>> rows;
  for (const Sparse& sparse : sparse_) {
    for (size_t row = 0; row < sparse.finals.size(); ++row) {
      rows.emplace_back(sparse.finals[row].first, sparse.finals[row].second, &sparse, row);
    }
  }
  std::sort(rows.begin(), rows.end());
  for (size_t leaf = 0; leaf < layout_->leaves(); ++leaf) {
    if (layout_->leaf(leaf).rate() != Leaf::sparse) continue;
    const size_t value_bytes = layout_->value_bytes(leaf);
    batch_.columns[leaf].resize(rows.size() * value_bytes);
    char* out = batch_.columns[leaf].data();
    for (const auto& [step, item, sparse, row] : rows) {
      std::memcpy(out, sparse->columns[leaf].data() + row * value_bytes, value_bytes);
      out += value_bytes;
    }
  }
  for (const auto& [step, item, sparse, row] : rows) batch_.finals.emplace_back(step, item);
  for (Sparse& sparse : sparse_) sparse.finals.clear();
  std::swap(*batch, batch_);
  Resize();
}

}  // namespace drover

#include "replay/sample_encoder.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/slice.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/spec.h"

namespace drover {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

constexpr uint32_t kColumnTag = WireFormatLite::MakeTag(SampleAnswer::kColumnsFieldNumber,
                                                        WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

void SetHead(const SampledBatch& batch, const std::vector<Final>& finals, uint32_t steps_of_chunk,
             SampleBatch* head) {
  for (const Final& final : finals) {
    Position* position = head->add_finals();
    position->set_step(final.step);
    position->set_environment(final.column);
  }
  head->mutable_keys()->Add(batch.keys.begin(), batch.keys.end());
  head->mutable_probabilities()->Add(batch.probabilities.begin(), batch.probabilities.end());
  head->mutable_priorities()->Add(batch.priorities.begin(), batch.priorities.end());
  head->mutable_times_sampled()->Add(batch.times_sampled.begin(), batch.times_sampled.end());
  head->mutable_versions()->Reserve(static_cast<int>(batch.items()));
  for (const Window& window : batch.windows) head->add_versions(window.Version(steps_of_chunk));
}

}  // namespace

grpc::ByteBuffer SampleEncoder::Encode(const SampledBatch& batch, SampleBatch rest) const {
  std::vector<Final> finals;
  assembler_.FindFinals(batch.windows, &finals);
  SampleAnswer answer;
  SetHead(batch, finals, static_cast<uint32_t>(layout_->steps()), &rest);
  *answer.mutable_batch() = std::move(rest);

  const size_t head_bytes = answer.ByteSizeLong();
  std::vector<size_t> sizes(layout_->leaves());
  size_t bytes = head_bytes;
  for (size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = assembler_.ColumnBytes(i, batch.items(), finals.size());
    bytes += CodedOutputStream::VarintSize32(kColumnTag) +
             CodedOutputStream::VarintSize32(static_cast<uint32_t>(sizes[i])) + sizes[i];
  }
  grpc_slice memory = grpc_slice_malloc(bytes);
  uint8_t* at = answer.SerializeWithCachedSizesToArray(GRPC_SLICE_START_PTR(memory));
  std::vector<char*> columns(sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i) {
    at = CodedOutputStream::WriteVarint32ToArray(kColumnTag, at);
    at = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(sizes[i]), at);
    columns[i] = reinterpret_cast<char*>(at);
    at += sizes[i];
  }
  assembler_.Assemble(batch.windows, finals, absl::MakeSpan(columns));
  const grpc::Slice slice(memory, grpc::Slice::STEAL_REF);
  return grpc::ByteBuffer(&slice, 1);
}

size_t SampleEncoder::MaxBytes(size_t items) const {
  constexpr size_t kItemBytes = 48;   // of all that is said of an item
  constexpr size_t kFinalBytes = 12;  // of a position
  size_t bytes = items * (kItemBytes + kFinalBytes * steps_);
  for (size_t i = 0; i < layout_->leaves(); ++i) {
    bytes += ValueCount(layout_->leaf(i), steps_, items, items * steps_) * layout_->value_bytes(i);
  }
  return bytes;
}

}  // namespace drover

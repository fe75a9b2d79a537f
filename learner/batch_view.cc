#include "learner/batch_view.h"

#include <ATen/ops/from_blob.h>

#include <initializer_list>
#include <vector>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

absl::Status CheckLeaf(const UnrollLayout& layout, const std::string& name,
                       std::initializer_list<DType::Kind> dtypes, Leaf::Rate rate) {
  const size_t i = layout.Find(name);
  if (i < layout.leaves() && layout.leaf(i).rate() == rate) {
    for (const DType::Kind dtype : dtypes) {
      if (layout.leaf(i).dtype() == dtype) return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the spec's leaf \"", name, "\" is missing, or not what the learner needs"));
}

at::ScalarType ToScalarType(DType::Kind dtype) {
  switch (dtype) {
    case DType::int32:
      return at::kInt;
    case DType::uint8:
      return at::kByte;
    default:
      return at::kFloat;  // Make() lets nothing else through
  }
}

}  // namespace

absl::StatusOr<BatchView> BatchView::Make(const UnrollLayout* layout, int64_t unrolls,
                                          at::Device device) {
  for (const absl::Status& status : {
           CheckLeaf(*layout, "observation", {DType::float32}, Leaf::per_observation),
           CheckLeaf(*layout, "action", {DType::int32, DType::float32}, Leaf::per_step),
           CheckLeaf(*layout, "log_prob", {DType::float32}, Leaf::per_step),
           CheckLeaf(*layout, "reward", {DType::float32}, Leaf::per_step),
           CheckLeaf(*layout, "end", {DType::uint8}, Leaf::per_step),
           CheckLeaf(*layout, "final_observation", {DType::float32}, Leaf::sparse),
       }) {
    if (!status.ok()) return status;
  }
  return BatchView(layout, unrolls, device);
}

BatchView::BatchView(const UnrollLayout* layout, int64_t unrolls, at::Device device)
    : layout_(layout), unrolls_(unrolls), device_(device) {}

at::Tensor BatchView::Leaf(BatchBuffer* buffer, const std::string& name) const {
  const size_t i = layout_->Find(name);
  const auto& leaf = layout_->leaf(i);
  std::vector<int64_t> shape;
  if (leaf.rate() == drover::Leaf::sparse) {
    shape = {static_cast<int64_t>(buffer->final_positions().size())};
  } else {
    shape = {static_cast<int64_t>(layout_->Values(i, 1, 0)), unrolls_};
  }
  shape.insert(shape.end(), leaf.shape().begin(), leaf.shape().end());
  const at::ScalarType type = ToScalarType(leaf.dtype());
  at::Tensor values = at::from_blob(buffer->leaf(i).data(), shape, at::TensorOptions(type));
  return values.to(device_, type == at::kInt ? at::kLong : type);
}

Batch BatchView::View(BatchBuffer* buffer) const {
  std::vector<int64_t>& positions = buffer->final_positions();
  Batch batch;
  batch.observation = Leaf(buffer, "observation");
  batch.action = Leaf(buffer, "action");
  batch.log_prob = Leaf(buffer, "log_prob");
  batch.reward = Leaf(buffer, "reward");
  batch.end = Leaf(buffer, "end");
  batch.final_observation = Leaf(buffer, "final_observation");
  batch.final_position = at::from_blob(positions.data(), {static_cast<int64_t>(positions.size())},
                                       at::TensorOptions(at::kLong))
                             .to(device_);
  return batch;
}

}  // namespace drover

#include "agent/batch_view.h"

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

absl::StatusOr<BatchView> BatchView::Make(const UnrollLayout* layout, int64_t steps,
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
  if (layout->Find("state") < layout->leaves()) {
    const absl::Status status = CheckLeaf(*layout, "state", {DType::float32}, Leaf::per_unroll);
    if (!status.ok()) return status;
  }
  return BatchView(layout, steps, device);
}

BatchView::BatchView(const UnrollLayout* layout, int64_t steps, at::Device device)
    : layout_(layout), steps_(steps), device_(device) {}

at::Tensor BatchView::Leaf(int64_t unrolls, std::vector<std::vector<char>>* columns, int64_t finals,
                           const std::string& name) const {
  const size_t i = layout_->Find(name);
  const auto& leaf = layout_->leaf(i);
  std::vector<int64_t> shape;
  if (leaf.rate() == drover::Leaf::sparse) {
    shape = {finals};
  } else if (leaf.rate() == drover::Leaf::per_unroll) {
    shape = {unrolls};
  } else {
    shape = {leaf.rate() == drover::Leaf::per_observation ? steps_ + 1 : steps_, unrolls};
  }
  shape.insert(shape.end(), leaf.shape().begin(), leaf.shape().end());
  const at::ScalarType type = ToScalarType(leaf.dtype());
  at::Tensor values = at::from_blob((*columns)[i].data(), shape, at::TensorOptions(type));
  return values.to(device_, type == at::kInt ? at::kLong : type);
}

Batch BatchView::View(int64_t unrolls, std::vector<std::vector<char>>* columns,
                      std::vector<int64_t>* final_positions) const {
  const auto finals = static_cast<int64_t>(final_positions->size());
  const auto leaf = [&](const char* name) { return Leaf(unrolls, columns, finals, name); };
  Batch batch;
  batch.observation = leaf("observation");
  batch.action = leaf("action");
  batch.log_prob = leaf("log_prob");
  batch.reward = leaf("reward");
  batch.end = leaf("end");
  batch.final_observation = leaf("final_observation");
  if (layout_->Find("state") < layout_->leaves()) batch.state = leaf("state");
  batch.final_position =
      at::from_blob(final_positions->data(), {finals}, at::TensorOptions(at::kLong)).to(device_);
  return batch;
}

}  // namespace drover

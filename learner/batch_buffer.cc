#include "learner/batch_buffer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "common/check.h"

namespace drover {

BatchBuffer::BatchBuffer(const UnrollLayout* layout, size_t unrolls)
    : layout_(layout), unrolls_(unrolls) {
  for (const LeafLayout& leaf : layout->leaves) {
    leaves_.emplace_back(leaf.Values(layout->steps, unrolls, 0) * leaf.value_bytes);
  }
}

void BatchBuffer::Clear(uint64_t version) {
  version_ = version;
  filled_ = 0;
  lag_sum_ = 0;
  lag_max_ = 0;
  final_positions_.clear();
  for (size_t i = 0; i < leaves_.size(); ++i) {
    if (layout_->leaves[i].rate == Leaf::sparse) leaves_[i].clear();
  }
}

void BatchBuffer::Add(const Unrolls& message, size_t columns, size_t first, size_t count) {
  DROVER_CHECK(count <= room() && first + count <= columns);
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const LeafLayout& leaf = layout_->leaves[i];
    if (leaf.rate == Leaf::sparse) continue;
    AddDense(leaf, message.columns(static_cast<int>(i)), columns, first, count, &leaves_[i]);
  }
  AddFinals(message, first, count);
  AddLag(message, count);
  filled_ += count;
}

void BatchBuffer::AddDense(const LeafLayout& leaf, const std::string& column, size_t columns,
                           size_t first, size_t count, std::vector<char>* to) {
  const size_t rows = leaf.Values(layout_->steps, 1, 0);
  const size_t bytes = count * leaf.value_bytes;
  const char* source = column.data() + first * leaf.value_bytes;
  char* target = to->data() + filled_ * leaf.value_bytes;
  for (size_t row = 0; row < rows; ++row) {
    std::memcpy(target, source, bytes);
    source += columns * leaf.value_bytes;
    target += unrolls_ * leaf.value_bytes;
  }
}

void BatchBuffer::AddFinals(const Unrolls& message, size_t first, size_t count) {
  for (int k = 0; k < message.finals_size(); ++k) {
    const size_t environment = message.finals(k).environment();
    if (environment < first || environment >= first + count) continue;
    const size_t position =
        message.finals(k).step() * unrolls_ + filled_ + (environment - first);
    final_positions_.push_back(static_cast<int64_t>(position));
    for (size_t i = 0; i < leaves_.size(); ++i) {
      const LeafLayout& leaf = layout_->leaves[i];
      if (leaf.rate != Leaf::sparse) continue;
      const char* row = message.columns(static_cast<int>(i)).data() +
                        static_cast<size_t>(k) * leaf.value_bytes;
      leaves_[i].insert(leaves_[i].end(), row, row + leaf.value_bytes);
    }
  }
}

void BatchBuffer::AddLag(const Unrolls& message, size_t count) {
  for (int run = 0; run < message.versions_size(); ++run) {
    const bool last = run + 1 == message.versions_size();
    const size_t end = last ? layout_->steps : message.versions(run + 1).first_step();
    const uint64_t lag = version_ - message.versions(run).version();
    lag_sum_ += lag * (end - message.versions(run).first_step()) * count;
    lag_max_ = std::max(lag_max_, lag);
  }
}

}  // namespace drover

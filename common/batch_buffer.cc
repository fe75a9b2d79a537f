#include "common/batch_buffer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "common/check.h"

namespace drover {

BatchBuffer::BatchBuffer(const UnrollLayout* layout) : layout_(layout), leaves_(layout->leaves()) {}

void BatchBuffer::Clear(uint64_t version, size_t unrolls) {
  version_ = version;
  unrolls_ = unrolls;
  filled_ = 0;
  lag_sum_ = 0;
  lag_max_ = 0;
  lags_.clear();
  final_positions_.clear();
  seen_.clear();
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const bool sparse = layout_->leaf(i).rate() == Leaf::sparse;
    leaves_[i].resize(sparse ? 0 : layout_->Values(i, unrolls, 0) * layout_->value_bytes(i));
  }
}

void BatchBuffer::Add(const Unrolls& message, size_t columns, size_t first, size_t count) {
  DROVER_CHECK(count <= room() && first + count <= columns);
  for (size_t i = 0; i < leaves_.size(); ++i) {
    if (layout_->leaf(i).rate() == Leaf::sparse) continue;
    AddDense(i, message.columns(static_cast<int>(i)), columns, first, count);
  }
  AddFinals(message, first, count);
  AddLag(message, count);
  if (first == 0 && (message.has_observation_moments() || message.has_return_moments())) {
    seen_.push_back(SeenIn(message));
  }
  filled_ += count;
}

void BatchBuffer::AddDense(size_t leaf, const std::string& column, size_t columns, size_t first,
                           size_t count) {
  const size_t value_bytes = layout_->value_bytes(leaf);
  const size_t rows = layout_->Values(leaf, 1, 0);
  const char* source = column.data() + first * value_bytes;
  char* target = leaves_[leaf].data() + filled_ * value_bytes;
  for (size_t row = 0; row < rows; ++row) {
    std::memcpy(target, source, count * value_bytes);
    source += columns * value_bytes;
    target += unrolls_ * value_bytes;
  }
}

void BatchBuffer::AddFinals(const Unrolls& message, size_t first, size_t count) {
  for (int k = 0; k < message.finals_size(); ++k) {
    const size_t environment = message.finals(k).environment();
    if (environment < first || environment >= first + count) continue;
    const size_t position = message.finals(k).step() * unrolls_ + filled_ + (environment - first);
    final_positions_.push_back(static_cast<int64_t>(position));
    for (size_t i = 0; i < leaves_.size(); ++i) {
      if (layout_->leaf(i).rate() != Leaf::sparse) continue;
      const size_t bytes = layout_->value_bytes(i);
      const char* row =
          message.columns(static_cast<int>(i)).data() + static_cast<size_t>(k) * bytes;
      leaves_[i].insert(leaves_[i].end(), row, row + bytes);
    }
  }
}

void BatchBuffer::AddLag(const Unrolls& message, size_t count) {
  for (int run = 0; run < message.versions_size(); ++run) {
    const bool last = run + 1 == message.versions_size();
    const size_t end = last ? layout_->steps() : message.versions(run + 1).first_step();
    const uint64_t lag = version_ - message.versions(run).version();
    const uint64_t steps = (end - message.versions(run).first_step()) * count;
    lag_sum_ += lag * steps;
    lags_.emplace_back(lag, steps);
    lag_max_ = std::max(lag_max_, lag);
  }
}

}  // namespace drover

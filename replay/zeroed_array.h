#ifndef DROVER_REPLAY_ZEROED_ARRAY_H_
#define DROVER_REPLAY_ZEROED_ARRAY_H_

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "common/check.h"

namespace drover {

// A fixed array of plain values that start as zero bytes, on cache lines of its own. Pages that
// nobody has touched take no memory, so it may be as large as it might ever have to be.
template <typename T>
class ZeroedArray {
 public:
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 64);

  explicit ZeroedArray(size_t size)
      : size_(size), memory_(std::calloc(size * sizeof(T) + kLine, 1), &std::free) {
    DROVER_CHECK(memory_ != nullptr) << "no memory for " << size << " slots";
    const auto address = reinterpret_cast<uintptr_t>(memory_.get());
    const size_t skip = (kLine - address % kLine) % kLine;
    data_ = reinterpret_cast<T*>(static_cast<char*>(memory_.get()) + skip);
  }

  size_t size() const { return size_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  static constexpr size_t kLine = 64;

  size_t size_;
  std::unique_ptr<void, decltype(&std::free)> memory_;
  T* data_;
};

}  // namespace drover

#endif  // DROVER_REPLAY_ZEROED_ARRAY_H_

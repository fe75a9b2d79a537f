#ifndef DROVER_COMMON_ARCHIVE_H_
#define DROVER_COMMON_ARCHIVE_H_

#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "common/random.h"

namespace drover {

// Saves numbers as bytes and restores them. One function lists an object's
// numbers and serves both ways, so the two cannot differ:
//
//   void Ball::SaveOrRestore(Archive* archive) {
//     archive->Value(&row_, 0, kRows - 1);
//     archive->Value(&column_, 0, kColumns - 1);
//   }
//   Archive saved;            // saves
//   ball.SaveOrRestore(&saved);
//   Archive archive(saved.bytes());  // restores
//   other.SaveOrRestore(&archive);
//   status = archive.Finish();
//
// The bytes may come from a peer or a file: too few, too many or a value out of
// its range is an error that Finish() tells; what was restored until then is
// good for nothing. Little-endian. One thread.
class Archive {
 public:
  Archive() = default;
  explicit Archive(std::string bytes) : bytes_(std::move(bytes)), restoring_(true) {}

  bool restoring() const { return restoring_; }
  const std::string& bytes() const { return bytes_; }

  // A restored value is low … high; a floating one is finite in any case.
  template <typename T>
  void Value(T* value, T low = std::numeric_limits<T>::lowest(),
             T high = std::numeric_limits<T>::max()) {
    static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>);
    T copy = *value;
    Exchange(&copy, sizeof(T));
    if (!restoring_) return;
    if (copy >= low && copy <= high) {  // false for NaN
      *value = copy;
    } else {
      good_ = false;
    }
  }
  // The rest of its numbers.
  void Value(Random* random);

  // Once all is restored. INVALID_ARGUMENT: these are not bytes that were saved so.
  absl::Status Finish() const;

 private:
  void Exchange(void* value, size_t size);

  std::string bytes_;
  bool restoring_ = false;
  bool good_ = true;
  size_t next_ = 0;  // byte, restoring
};

}  // namespace drover

#endif  // DROVER_COMMON_ARCHIVE_H_

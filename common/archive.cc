#include "common/archive.h"

#include <cstdint>

namespace drover {

void Archive::Value(Random* random) {
  Random::State state = random->state();
  Value(&state.position);
  Value(&state.stride);
  if (state.stride % 2 == 0) good_ = false;
  if (good_) *random = Random(state);
}

absl::Status Archive::Finish() const {
  if (good_ && next_ == bytes_.size()) return absl::OkStatus();
  return absl::InvalidArgumentError("the saved state is damaged, or of something else");
}

void Archive::Exchange(void* value, size_t size) {
  if (!restoring_) {
    bytes_.append(static_cast<const char*>(value), size);
  } else if (size <= bytes_.size() - next_) {
    std::memcpy(value, bytes_.data() + next_, size);
    next_ += size;
  } else {
    good_ = false;
  }
}

}  // namespace drover

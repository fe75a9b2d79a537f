#ifndef DROVER_COMMON_HASH_H_
#define DROVER_COMMON_HASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace drover {

// A 64-bit hash that is the same in every process, build and version: FNV-1a over the bytes of
// what is added, in its order. It finds mistakes, not forgeries.
class StableHash {
 public:
  // A number counts as its 8 bytes, a string as its length and its bytes, so that neighbours
  // cannot trade characters.
  StableHash& Add(uint64_t number);
  StableHash& Add(absl::string_view bytes);

  uint64_t value() const { return value_; }

 private:
  void AddByte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3; }

  uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace drover

#endif  // DROVER_COMMON_HASH_H_

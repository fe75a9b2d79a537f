#include "common/hash.h"

namespace drover {

StableHash& StableHash::Add(uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) AddByte(static_cast<unsigned char>(number >> shift));
  return *this;
}

StableHash& StableHash::Add(absl::string_view bytes) {
  Add(uint64_t{bytes.size()});
  for (const char byte : bytes) AddByte(static_cast<unsigned char>(byte));
  return *this;
}

}  // namespace drover

#include "common/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#ifdef __x86_64__
#include <nmmintrin.h>
#endif

namespace drover {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // reflected
constexpr size_t kSlices = 8;
using Tables = std::array<std::array<uint32_t, 256>, kSlices>;

// tables[k][b]: what byte b contributes when k bytes follow it.
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t slice = 1; slice < kSlices; ++slice) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t crc = tables[slice - 1][byte];
      tables[slice][byte] = (crc >> 8) ^ tables[0][crc & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint64_t Load(const char* data) {
  uint64_t word = 0;
  std::memcpy(&word, data, sizeof(word));
  return word;
}

}  // namespace

namespace internal {

// Kounavis and Berry, "A Systematic Approach to Building High Performance, Software-based, CRC
// Generators" (2005): eight bytes a step.
uint32_t Crc32cPortable(absl::string_view data, uint32_t crc) {
  crc = ~crc;
  for (; data.size() >= kSlices; data.remove_prefix(kSlices)) {
    const uint64_t word = Load(data.data()) ^ crc;
    crc = 0;
    for (size_t i = 0; i < kSlices; ++i) {
      crc ^= kTables[kSlices - 1 - i][(word >> (8 * i)) & 0xff];
    }
  }
  for (const char byte : data) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  }
  return ~crc;
}

#ifdef __x86_64__

bool HasSse42() { return __builtin_cpu_supports("sse4.2") != 0; }

__attribute__((target("sse4.2"))) uint32_t Crc32cSse42(absl::string_view data, uint32_t crc) {
  uint64_t state = ~crc;
  for (; data.size() >= sizeof(state); data.remove_prefix(sizeof(state))) {
    state = _mm_crc32_u64(state, Load(data.data()));
  }
  auto tail = static_cast<uint32_t>(state);
  for (const char byte : data) tail = _mm_crc32_u8(tail, static_cast<unsigned char>(byte));
  return ~tail;
}

#else

bool HasSse42() { return false; }
uint32_t Crc32cSse42(absl::string_view data, uint32_t crc) { return Crc32cPortable(data, crc); }

#endif

}  // namespace internal

uint32_t Crc32c(absl::string_view data, uint32_t crc) {
  static const bool fast = internal::HasSse42();
  return fast ? internal::Crc32cSse42(data, crc) : internal::Crc32cPortable(data, crc);
}

uint32_t MaskedCrc32c(absl::string_view data) {
  const uint32_t crc = Crc32c(data);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
}

}  // namespace drover

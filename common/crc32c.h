#ifndef DROVER_COMMON_CRC32C_H_
#define DROVER_COMMON_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace drover {

// CRC-32C (Castagnoli's polynomial, as iSCSI: RFC 3720, B.4). Several pieces, one after the other:
// Crc32c(second, Crc32c(first)). Uses SSE 4.2 where the processor has it.
uint32_t Crc32c(absl::string_view data, uint32_t crc = 0);

// As TensorBoard's event files keep it: rotated and shifted, so that a checksum of data that
// holds checksums stays good.
uint32_t MaskedCrc32c(absl::string_view data);

namespace internal {

// The two ways to compute it, for the test. `Crc32cSse42` only where HasSse42().
uint32_t Crc32cPortable(absl::string_view data, uint32_t crc);
uint32_t Crc32cSse42(absl::string_view data, uint32_t crc);
bool HasSse42();

}  // namespace internal
}  // namespace drover

#endif  // DROVER_COMMON_CRC32C_H_

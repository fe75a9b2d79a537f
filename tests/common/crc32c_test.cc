#include "common/crc32c.h"

#include <string>

#include "common/random.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

// RFC 3720, B.4.
TEST(Crc32cTest, PublishedVectors) {
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending += static_cast<char>(i);
  const std::string descending(ascending.rbegin(), ascending.rend());
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(Crc32c(ascending), 0x46dd794eU);
  EXPECT_EQ(Crc32c(descending), 0x113fdb5cU);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(Crc32c(""), 0U);
}

std::string RandomBytes(size_t size) {
  Random random({size});
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(random.Below(256));
  return bytes;
}

TEST(Crc32cTest, PiecesGiveTheSameAsTheWhole) {
  const std::string bytes = RandomBytes(100);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(Crc32c(bytes.substr(cut), Crc32c(bytes.substr(0, cut))), Crc32c(bytes)) << cut;
  }
}

TEST(Crc32cTest, BothWaysAgree) {
  if (!internal::HasSse42()) GTEST_SKIP() << "this processor has one way only";
  for (size_t size = 0; size < 70; ++size) {
    const std::string bytes = RandomBytes(size + 3);
    for (size_t start = 0; start < 3; ++start) {  // at any alignment
      const absl::string_view data = absl::string_view(bytes).substr(start, size);
      EXPECT_EQ(internal::Crc32cPortable(data, 5), internal::Crc32cSse42(data, 5)) << size;
    }
  }
}

TEST(Crc32cTest, ThePortableWayGivesPublishedVectors) {
  EXPECT_EQ(internal::Crc32cPortable("123456789", 0), 0xe3069283U);
}

// The header of a TensorBoard file: the length 24, as 8 bytes.
TEST(Crc32cTest, Masked) {
  EXPECT_EQ(MaskedCrc32c(absl::string_view("\x18\0\0\0\0\0\0\0", 8)), 0x224b7fa3U);
}

}  // namespace
}  // namespace drover

#include "common/hash.h"

#include "gtest/gtest.h"

namespace drover {
namespace {

uint64_t Hash(absl::string_view a, absl::string_view b) {
  return StableHash().Add(a).Add(b).value();
}

TEST(HashTest, IsFnv1a) {
  // The published offset basis, and FNV-1a of the eight bytes of "foobar12".
  EXPECT_EQ(StableHash().value(), 0xcbf29ce484222325U);
  uint64_t expected = 0xcbf29ce484222325U;
  for (const char c : {'f', 'o', 'o', 'b', 'a', 'r', '1', '2'}) {
    expected = (expected ^ static_cast<uint64_t>(c)) * 1099511628211U;
  }
  EXPECT_EQ(StableHash().Add(uint64_t{0x32317261626f6f66}).value(), expected);
}

TEST(HashTest, StringsDoNotRunTogether) {
  EXPECT_EQ(Hash("ab", "c"), Hash("ab", "c"));
  EXPECT_NE(Hash("ab", "c"), Hash("a", "bc"));
  EXPECT_NE(Hash("", "a"), Hash("a", ""));
}

TEST(HashTest, OrderAndEveryByteMatter) {
  EXPECT_NE(StableHash().Add(1).Add(2).value(), StableHash().Add(2).Add(1).value());
  EXPECT_NE(StableHash().Add(uint64_t{1} << 63).value(), StableHash().Add(0).value());
}

}  // namespace
}  // namespace drover

#include "common/status_macros.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace drover {
namespace {

absl::Status Check(int number) {
  return number > 0 ? absl::OkStatus() : absl::InvalidArgumentError("not positive");
}

absl::StatusOr<std::unique_ptr<int>> Make(int number) {
  DROVER_RETURN_IF_ERROR(Check(number));
  return std::make_unique<int>(number);
}

absl::StatusOr<int> Sum(int a, int b) {
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<int> first, Make(a));
  std::unique_ptr<int> second;
  DROVER_ASSIGN_OR_RETURN(second, Make(b));
  return *first + *second;
}

TEST(StatusMacrosTest, PassValuesOn) { EXPECT_EQ(*Sum(2, 3), 5); }

TEST(StatusMacrosTest, ReturnTheFirstError) {
  EXPECT_EQ(Sum(0, 3).status(), absl::InvalidArgumentError("not positive"));
  EXPECT_EQ(Sum(2, 0).status(), absl::InvalidArgumentError("not positive"));
}

}  // namespace
}  // namespace drover

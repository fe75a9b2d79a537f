#include "common/enum_check.h"

#include "gtest/gtest.h"
#include "proto/coordinator.pb.h"
#include "proto/spec.pb.h"

namespace drover {
namespace {

const FieldLocations kLocations("f");

TEST(EnumCheckTest, AcceptsNames) {
  Spec spec;
  spec.add_leaves()->set_rate(Leaf::per_step);
  spec.add_leaves();
  EXPECT_EQ(CheckEnums(spec, kLocations), absl::OkStatus());
}

TEST(EnumCheckTest, FindsNumbersWithoutNameInRepeatedMessages) {
  Spec spec;
  spec.add_leaves()->set_rate(Leaf::per_step);
  spec.add_leaves()->set_rate(static_cast<Leaf::Rate>(9));
  EXPECT_EQ(CheckEnums(spec, kLocations),
            absl::InvalidArgumentError("f: unknown value of leaves.rate \"9\"; "
                                       "known: per_observation, per_step, per_unroll, sparse"));
}

TEST(EnumCheckTest, FindsThemInNestedMessages) {
  StatusReply reply;
  reply.add_members()->mutable_member()->set_role(static_cast<Role::Kind>(-1));
  const absl::Status status = CheckEnums(reply, kLocations);
  EXPECT_EQ(status.message().substr(0, 40), "f: unknown value of members.member.role ");
}

}  // namespace
}  // namespace drover

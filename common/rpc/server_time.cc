#include "common/rpc/server_time.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drover {
namespace {

constexpr char kUnixMicros[] = "drover-unix-micros";

}  // namespace

void TellTime(grpc::ServerContextBase* context, absl::Time now) {
  context->AddTrailingMetadata(kUnixMicros, absl::StrCat(absl::ToUnixMicros(now)));
}

std::optional<absl::Time> ToldTime(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find(kUnixMicros);
  if (found == metadata.end()) return std::nullopt;
  int64_t micros = 0;
  const grpc::string_ref text = found->second;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &micros)) return std::nullopt;
  return absl::FromUnixMicros(micros);
}

}  // namespace drover

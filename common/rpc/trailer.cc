#include "common/rpc/trailer.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drover {

void TellNumber(grpc::ServerContextBase* context, const char* name, int64_t number) {
  context->AddTrailingMetadata(name, absl::StrCat(number));
}

std::optional<int64_t> ToldNumber(const grpc::ClientContext& context, const char* name) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find(name);
  if (found == metadata.end()) return std::nullopt;
  int64_t number = 0;
  const grpc::string_ref text = found->second;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number)) return std::nullopt;
  return number;
}

}  // namespace drover

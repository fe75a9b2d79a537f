#include "common/rpc/server_time.h"

#include "common/rpc/trailer.h"

namespace drover {
namespace {

constexpr char kUnixMicros[] = "drover-unix-micros";

}  // namespace

void TellTime(grpc::ServerContextBase* context, absl::Time now) {
  TellNumber(context, kUnixMicros, absl::ToUnixMicros(now));
}

std::optional<absl::Time> ToldTime(const grpc::ClientContext& context) {
  const std::optional<int64_t> micros = ToldNumber(context, kUnixMicros);
  return micros.has_value() ? std::optional(absl::FromUnixMicros(*micros)) : std::nullopt;
}

}  // namespace drover

#ifndef DROVER_COMMON_RPC_TOKENS_H_
#define DROVER_COMMON_RPC_TOKENS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover {

// Each role's token, by its SHA-256 in hex: what a server holds, to know a token when it sees it.
class TokenTable {
 public:
  // Of tokens.json: {"actor": "<SHA-256>", …}. INVALID_ARGUMENT: it is none.
  static absl::StatusOr<TokenTable> Parse(absl::string_view json);

  // "" where it is nobody's.
  std::string RoleOf(absl::string_view token) const;

 private:
  std::map<std::string, std::string> roles_;  // by hash
};

// "Bearer <token>" -> token; "" where it is not that.
absl::string_view BearerToken(absl::string_view header);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_TOKENS_H_

#include "common/rpc/tokens.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/certificate.h"

namespace drover {

absl::StatusOr<TokenTable> TokenTable::Parse(absl::string_view json) {
  const auto parsed = nlohmann::json::parse(json.begin(), json.end(), nullptr, false);
  const absl::Status bad = absl::InvalidArgumentError("not {\"role\": \"hash of its token\", …}");
  if (!parsed.is_object()) return bad;
  TokenTable table;
  for (const auto& [role, hash] : parsed.items()) {
    if (!hash.is_string()) return bad;
    table.roles_[hash.get<std::string>()] = role;
  }
  return table;
}

// How long the search takes tells of the hash at most, and no token can be made to fit a hash.
std::string TokenTable::RoleOf(absl::string_view token) const {
  const auto found = roles_.find(Sha256Hex(token));
  return found == roles_.end() ? "" : found->second;
}

absl::string_view BearerToken(absl::string_view header) {
  constexpr absl::string_view kScheme = "Bearer ";
  return absl::StartsWithIgnoreCase(header, kScheme) ? header.substr(kScheme.size()) : "";
}

}  // namespace drover

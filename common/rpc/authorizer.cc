#include "common/rpc/authorizer.h"

#include <grpc/grpc_security_constants.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/rpc/permissions.h"

namespace drover {
namespace {

constexpr char kAuthorization[] = "authorization";

absl::string_view Value(const grpc::AuthMetadataProcessor::InputMetadata& metadata,
                        const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return "";
  return {found->second.data(), found->second.size()};
}

}  // namespace

grpc::Status Authorizer::Process(const InputMetadata& metadata, grpc::AuthContext* context,
                                 OutputMetadata* consumed, OutputMetadata* /*response*/) {
  const std::string role = CertifiedRole(*context);
  const absl::string_view method = Value(metadata, ":path");
  const absl::string_view header = Value(metadata, kAuthorization);
  const auto refuse = [&](Refusal reason, grpc::StatusCode code, const std::string& why) {
    Refusals::OfProcess().Add(reason, absl::StrCat("\"", role, "\" calling ", method));
    return grpc::Status(code, why);
  };
  if (header.empty()) {
    return refuse(Refusal::kNoToken, grpc::StatusCode::UNAUTHENTICATED, "the call has no token");
  }
  if (role.empty() || tokens_->Get()->RoleOf(BearerToken(header)) != role) {
    return refuse(Refusal::kWrongToken, grpc::StatusCode::UNAUTHENTICATED,
                  absl::StrCat("the token is not that of role \"", role, "\""));
  }
  if (!MayCall(role, method)) {
    return refuse(Refusal::kWrongRole, grpc::StatusCode::PERMISSION_DENIED,
                  absl::StrCat("role \"", role, "\" may not call ", method));
  }
  consumed->emplace(kAuthorization, std::string(header));
  return grpc::Status::OK;
}

std::string CertifiedRole(const grpc::AuthContext& context) {
  const std::vector<grpc::string_ref> names =
      context.FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME);
  return names.size() == 1 ? std::string(names[0].data(), names[0].size()) : "";
}

absl::Status CheckMember(const grpc::CallbackServerContext& context, Role::Kind member) {
  const std::shared_ptr<const grpc::AuthContext> known = context.auth_context();
  const std::string role = known == nullptr ? "" : CertifiedRole(*known);
  if (role.empty() || MayBe(role, member)) return absl::OkStatus();
  const std::string what = absl::StrCat("\"", role, "\" as ", Role::Kind_Name(member));
  Refusals::OfProcess().Add(Refusal::kWrongRole, absl::StrCat(context.peer(), ", ", what));
  return absl::PermissionDeniedError(absl::StrCat("a certificate of ", what));
}

}  // namespace drover

#include "common/certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/openssl.h"
#include "common/status_macros.h"

namespace drover {
namespace {

// Not what is in it.
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

BioPtr Reader(absl::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::vector<X509Ptr> ReadAll(absl::string_view pem) {
  std::vector<X509Ptr> all;
  const BioPtr reader = Reader(pem);
  while (X509* const next = PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)) {
    all.emplace_back(next);
  }
  ERR_clear_error();  // the end of the text is one
  return all;
}

std::string CommonName(const X509_NAME* name) {
  std::array<char, 256> text{};
  const int size = X509_NAME_get_text_by_NID(name, NID_commonName, text.data(), text.size());
  return size < 0 ? "" : std::string(text.data(), static_cast<size_t>(size));
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm tm{};
  return ASN1_TIME_to_tm(time, &tm) == 1 ? absl::FromTM(tm, absl::UTCTimeZone())
                                         : absl::InfinitePast();
}

std::string Text(const ASN1_STRING* string) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                     static_cast<size_t>(ASN1_STRING_length(string)));
}

std::string AddressText(const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  return inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size()) == nullptr
             ? ""
             : text.data();
}

std::vector<std::string> HostsOf(const X509* certificate) {
  std::vector<std::string> hosts;
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) hosts.push_back(Text(name->d.dNSName));
    if (name->type == GEN_IPADD) hosts.push_back(AddressText(name->d.iPAddress));
  }
  return hosts;
}

absl::Status Explain(int error, const std::string& name) {
  const std::string text =
      absl::StrCat("the certificate of \"", name, "\": ", X509_verify_cert_error_string(error));
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return absl::OutOfRangeError(text);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return absl::UnauthenticatedError(text);
    default:
      return absl::PermissionDeniedError(text);
  }
}

}  // namespace

absl::StatusOr<CertificateInfo> ReadCertificate(absl::string_view pem) {
  const std::vector<X509Ptr> all = ReadAll(pem);
  if (all.empty()) return absl::InvalidArgumentError("there is no certificate in it");
  const X509* certificate = all.front().get();
  CertificateInfo info;
  info.name = CommonName(X509_get_subject_name(certificate));
  info.issuer = CommonName(X509_get_issuer_name(certificate));
  info.not_before = TimeOf(X509_get0_notBefore(certificate));
  info.not_after = TimeOf(X509_get0_notAfter(certificate));
  info.hosts = HostsOf(certificate);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  info.fingerprint = absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), size});
  return info;
}

absl::Status CheckCertificate(absl::string_view chain, absl::string_view authorities,
                              CertificateUse use, absl::Time now) {
  const std::vector<X509Ptr> presented = ReadAll(chain);
  if (presented.empty()) return absl::NotFoundError("no certificate");
  const X509StorePtr store(X509_STORE_new());
  const std::vector<X509Ptr> trusted = ReadAll(authorities);
  for (const X509Ptr& authority : trusted) X509_STORE_add_cert(store.get(), authority.get());

  const std::unique_ptr<STACK_OF(X509), FreeStack> between(sk_X509_new_null());
  for (size_t i = 1; i < presented.size(); ++i) sk_X509_push(between.get(), presented[i].get());
  const X509StoreContextPtr context(X509_STORE_CTX_new());
  X509* const leaf = presented.front().get();
  const std::string name = CommonName(X509_get_subject_name(leaf));
  if (X509_STORE_CTX_init(context.get(), store.get(), leaf, between.get()) != 1) {
    return absl::PermissionDeniedError(absl::StrCat("the certificate of \"", name, "\""));
  }
  X509_STORE_CTX_set_default(context.get(),
                             use == CertificateUse::kClient ? "ssl_client" : "ssl_server");
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), absl::ToTimeT(now));
  const bool good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return good ? absl::OkStatus() : Explain(X509_STORE_CTX_get_error(context.get()), name);
}

absl::Status CheckKey(absl::string_view certificate, absl::string_view key) {
  const std::vector<X509Ptr> all = ReadAll(certificate);
  const KeyPtr private_key(
      PEM_read_bio_PrivateKey(Reader(key).get(), nullptr, nullptr, const_cast<char*>("")));
  const bool match = !all.empty() && private_key != nullptr &&
                     X509_check_private_key(all.front().get(), private_key.get()) == 1;
  ERR_clear_error();
  return match ? absl::OkStatus()
               : absl::InvalidArgumentError("the private key is not that of the certificate");
}

std::string Sha256Hex(absl::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace drover

#include "deploy/certificates.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/certificate.h"
#include "common/check.h"
#include "common/file.h"
#include "common/near_match.h"
#include "common/openssl.h"
#include "common/rpc/credentials.h"
#include "common/rpc/permissions.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr size_t kTokenBytes = 32;

// ---- Files that only their owner reads.

absl::Status MakePrivateDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) return absl::OkStatus();
  if (errno != EEXIST) return FileError(errno, "make", path);
  if (chmod(path.c_str(), 0700) != 0) return FileError(errno, "close to others", path);
  return absl::OkStatus();
}

// Until its mode is set, the directory keeps others away.
absl::Status WriteSecret(const std::string& path, const std::string& text) {
  DROVER_RETURN_IF_ERROR(WriteFile(path, text));
  if (chmod(path.c_str(), 0600) != 0) return FileError(errno, "close to others", path);
  return absl::OkStatus();
}

// What is there, or else what `make` makes.
template <typename Make>
absl::StatusOr<std::string> ReadOrMakeSecret(const std::string& path, Make make) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!absl::IsNotFound(text.status())) return text;
  text = make();
  DROVER_RETURN_IF_ERROR(WriteSecret(path, *text));
  return text;
}

std::string RandomHex(size_t bytes) {
  std::string random(bytes, '\0');
  const int made =
      RAND_bytes(reinterpret_cast<unsigned char*>(&random[0]), static_cast<int>(bytes));
  DROVER_CHECK(made == 1) << "no random numbers";
  return absl::BytesToHexString(random);
}

// ---- Keys and certificates.

template <typename Write>
std::string ToPem(Write write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  DROVER_CHECK(write(bio.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string NewKey() {
  const KeyPtr key(EVP_EC_gen("P-256"));
  DROVER_CHECK(key != nullptr);
  return ToPem([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

BioPtr Reader(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

absl::StatusOr<KeyPtr> ParseKey(const std::string& pem, const std::string& path) {
  KeyPtr key(PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, nullptr, const_cast<char*>("")));
  ERR_clear_error();
  if (key == nullptr) return absl::InvalidArgumentError(absl::StrCat(path, " is no private key"));
  return key;
}

absl::Status AddExtension(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
  ERR_clear_error();
  if (extension == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("\"", value, "\" is no name of a host"));
  }
  DROVER_CHECK(X509_add_ext(certificate, extension.get(), -1) == 1);
  return absl::OkStatus();
}

// All but what the authority adds.
X509Ptr NewCertificate(const std::string& name, EVP_PKEY* key, const Validity& validity) {
  X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  const std::unique_ptr<BIGNUM, OpensslFree<BN_free>> serial(BN_new());
  DROVER_CHECK(BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1);
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get()));
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(validity.from));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(validity.to));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

// Its own where the issuer is the certificate itself.
std::string Sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  DROVER_CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);
  return ToPem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string HostNames(const std::vector<std::string>& hosts) {
  return absl::StrJoin(hosts, ",", [](std::string* out, const std::string& host) {
    in6_addr ip{};
    const bool is_ip =
        inet_pton(AF_INET, host.c_str(), &ip) == 1 || inet_pton(AF_INET6, host.c_str(), &ip) == 1;
    absl::StrAppend(out, is_ip ? "IP:" : "DNS:", host);
  });
}

absl::StatusOr<std::string> SignRole(const std::string& directory, const std::string& role,
                                     const std::string& key_pem, const std::string& key_path,
                                     const std::vector<std::string>& hosts,
                                     const Validity& validity) {
  const std::string authority_path = absl::StrCat(directory, "/", kAuthorityFile);
  const std::string authority_key_path = absl::StrCat(directory, "/", kAuthorityKeyFile);
  DROVER_ASSIGN_OR_RETURN(const std::string authority_pem, ReadFile(authority_path));
  DROVER_ASSIGN_OR_RETURN(const std::string authority_key_pem, ReadFile(authority_key_path));
  DROVER_RETURN_IF_ERROR(CheckKey(authority_pem, authority_key_pem));
  const X509Ptr authority(
      PEM_read_bio_X509(Reader(authority_pem).get(), nullptr, nullptr, nullptr));
  DROVER_ASSIGN_OR_RETURN(const KeyPtr authority_key,
                          ParseKey(authority_key_pem, authority_key_path));
  DROVER_ASSIGN_OR_RETURN(const KeyPtr key, ParseKey(key_pem, key_path));

  const X509Ptr certificate = NewCertificate(role, key.get(), validity);
  std::vector<std::pair<int, std::string>> extensions = {
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, Serves(role) ? "serverAuth,clientAuth" : "clientAuth"},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"}};
  if (!hosts.empty()) extensions.emplace_back(NID_subject_alt_name, HostNames(hosts));
  for (const auto& [what, value] : extensions) {
    DROVER_RETURN_IF_ERROR(AddExtension(certificate.get(), authority.get(), what, value));
  }
  return Sign(certificate.get(), authority.get(), authority_key.get());
}

// Hashes of all roles' tokens, for who serves. Those that do not exist are made.
absl::StatusOr<std::string> TokenHashes(const std::string& directory) {
  const std::string tokens = absl::StrCat(directory, "/tokens");
  DROVER_RETURN_IF_ERROR(MakePrivateDirectory(tokens));
  nlohmann::ordered_json hashes;
  for (const std::string& role : CertificateRoles()) {
    DROVER_ASSIGN_OR_RETURN(const std::string token,
                            ReadOrMakeSecret(absl::StrCat(tokens, "/", role),
                                             [] { return RandomHex(kTokenBytes) + "\n"; }));
    hashes[role] = Sha256Hex(absl::StripAsciiWhitespace(token));
  }
  return hashes.dump(2) + "\n";
}

}  // namespace

Validity ForDays(int days) {
  const absl::Time now = absl::Now();
  return {now - kClockTolerance, now + absl::Hours(24) * days};
}

absl::Status InitAuthority(const std::string& directory, const Validity& validity) {
  const std::string certificate_path = absl::StrCat(directory, "/", kAuthorityFile);
  if (std::filesystem::exists(certificate_path)) {
    return absl::AlreadyExistsError(absl::StrCat(
        certificate_path, " exists: a new authority would make all its certificates worthless"));
  }
  DROVER_RETURN_IF_ERROR(MakePrivateDirectory(directory));
  const std::string key_pem = NewKey();
  DROVER_ASSIGN_OR_RETURN(const KeyPtr key, ParseKey(key_pem, kAuthorityKeyFile));
  const X509Ptr certificate =
      NewCertificate(absl::StrCat("Drover CA ", RandomHex(4)), key.get(), validity);
  for (const auto& [what, value] : std::vector<std::pair<int, std::string>>{
           {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
           {NID_key_usage, "critical,keyCertSign,cRLSign"},
           {NID_subject_key_identifier, "hash"}}) {
    DROVER_RETURN_IF_ERROR(AddExtension(certificate.get(), certificate.get(), what, value));
  }
  DROVER_RETURN_IF_ERROR(WriteSecret(absl::StrCat(directory, "/", kAuthorityKeyFile), key_pem));
  DROVER_RETURN_IF_ERROR(TokenHashes(directory).status());
  return WriteFile(certificate_path, Sign(certificate.get(), certificate.get(), key.get()));
}

absl::StatusOr<std::string> IssueCertificate(const std::string& directory, const std::string& role,
                                             const std::vector<std::string>& hosts,
                                             const Validity& validity) {
  const std::vector<std::string>& known = CertificateRoles();
  if (std::find(known.begin(), known.end(), role) == known.end()) {
    return absl::InvalidArgumentError(UnknownName("role", role, known));
  }
  DROVER_ASSIGN_OR_RETURN(const std::string authority,
                          ReadFile(absl::StrCat(directory, "/", kAuthorityFile)));
  const std::string path = absl::StrCat(directory, "/", role);
  const auto file = [&](const char* name) { return absl::StrCat(path, "/", name); };
  DROVER_RETURN_IF_ERROR(MakePrivateDirectory(path));
  DROVER_ASSIGN_OR_RETURN(const std::string key, ReadOrMakeSecret(file(kKeyFile), NewKey));
  DROVER_ASSIGN_OR_RETURN(const std::string certificate,
                          SignRole(directory, role, key, file(kKeyFile), hosts, validity));
  DROVER_ASSIGN_OR_RETURN(const std::string hashes, TokenHashes(directory));
  DROVER_ASSIGN_OR_RETURN(const std::string token,
                          ReadFile(absl::StrCat(directory, "/tokens/", role)));
  DROVER_RETURN_IF_ERROR(WriteSecret(file(kTokenFile), token));
  if (Serves(role)) DROVER_RETURN_IF_ERROR(WriteSecret(file(kTokensFile), hashes));
  DROVER_RETURN_IF_ERROR(WriteFile(file(kAuthorityFile), authority));
  DROVER_RETURN_IF_ERROR(WriteFile(file(kCertificateFile), certificate));
  return path;
}

}  // namespace drover

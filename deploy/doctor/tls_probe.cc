#include "deploy/doctor/tls_probe.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>

#include "common/openssl.h"

namespace drover {
namespace {

using ContextPtr = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslFree<SSL_free>>;

constexpr std::array<unsigned char, 3> kHttp2{2, 'h',
                                              '2'};  // gRPC's servers want to be asked for it

std::string Pem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) return "";
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

TlsProbe ProbeTls(int connection) {
  const ContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_alpn_protos(context.get(), kHttp2.data(), kHttp2.size());
  const SslPtr ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), connection);
  SSL_connect(ssl.get());
  ERR_clear_error();
  TlsProbe shown;
  const unsigned char* chosen = nullptr;
  unsigned chosen_size = 0;
  SSL_get0_alpn_selected(ssl.get(), &chosen, &chosen_size);
  shown.grpc = chosen_size > 0;  // there was no other choice
  const STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl.get());
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    shown.certificates += Pem(sk_X509_value(chain, i));
  }
  return shown;
}

}  // namespace drover

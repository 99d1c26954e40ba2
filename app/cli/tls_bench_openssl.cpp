// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/tls_bench.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <stdexcept>

namespace packetarium::cli {
namespace {

template <auto release> struct OpenSslRelease {
  template <class T> void operator()(T *object) const { release(object); }
};
using SslContextPtr = std::unique_ptr<SSL_CTX, OpenSslRelease<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpenSslRelease<SSL_free>>;
using CertificatePtr = std::unique_ptr<X509, OpenSslRelease<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslRelease<EVP_PKEY_free>>;
using TextPtr = std::unique_ptr<BIO, OpenSslRelease<BIO_free_all>>;

void must(bool holds, const char *what) {
  if (holds) return;
  std::array<char, 256> why{};
  ERR_error_string_n(ERR_get_error(), why.data(), why.size());
  throw std::runtime_error(std::string("OpenSSL's ") + what + ": " + why.data());
}

TextPtr readerOf(const std::string &text) {
  return TextPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

CertificatePtr certificateOf(const crypto::Certificate &certificate) {
  const std::string pem = certificate.pem();
  return CertificatePtr(PEM_read_bio_X509(readerOf(pem).get(), nullptr, nullptr, nullptr));
}

SslContextPtr contextOf(const SSL_METHOD *method, const TlsConditions &conditions) {
  SslContextPtr context(SSL_CTX_new(method));
  must(context != nullptr, "context cannot be made");
  SSL_CTX *const c = context.get();
  const bool v13 = conditions.version == tls::Version::Tls13;
  const int version = v13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  const char *const suite = conditions.suiteName.c_str();
  must(SSL_CTX_set_min_proto_version(c, version) == 1 &&
           SSL_CTX_set_max_proto_version(c, version) == 1 &&
           (v13 ? SSL_CTX_set_ciphersuites(c, suite) : SSL_CTX_set_cipher_list(c, suite)) == 1 &&
           SSL_CTX_set1_groups_list(c, "X25519:P-256") == 1,
       "suite cannot be set");
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(c, 0);
  return context;
}

/// Through memory: what one end writes lies where the other reads.
class OpenSslTls final : public TlsContestant {
public:
  OpenSslTls(const TlsConditions &conditions, const TlsParties &parties)
      : m_host(parties.host),
        m_clientContext(contextOf(TLS_client_method(), conditions)),
        m_serverContext(contextOf(TLS_server_method(), conditions)) {
    SSL_CTX *const client = m_clientContext.get();
    X509_STORE_add_cert(SSL_CTX_get_cert_store(client),
                        certificateOf(parties.authority->root()).get());
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(client), tls::runEpochSeconds);
    SSL_CTX_set_verify(client, SSL_VERIFY_PEER, nullptr);
    SSL_CTX *const server = m_serverContext.get();
    const auto &chain = parties.server->chain;
    SSL_CTX_use_certificate(server, certificateOf(chain.front()).get());
    for (std::size_t i = 1; i < chain.size(); ++i)
      SSL_CTX_add1_chain_cert(server, certificateOf(chain[i]).get());
    const std::string pem = parties.server->key.pem();
    const KeyPtr key(PEM_read_bio_PrivateKey(readerOf(pem).get(), nullptr, nullptr, nullptr));
    must(SSL_CTX_use_PrivateKey(server, key.get()) == 1, "server takes no key");
  }

  void shakeHands() override {
    m_client.reset(SSL_new(m_clientContext.get()));
    m_server.reset(SSL_new(m_serverContext.get()));
    must(m_client && m_server, "ends cannot be made");
    BIO *const up = BIO_new(BIO_s_mem());
    BIO *const down = BIO_new(BIO_s_mem());
    BIO_up_ref(up);
    BIO_up_ref(down);
    SSL_set_bio(m_client.get(), down, up);
    SSL_set_bio(m_server.get(), up, down);
    SSL_set_tlsext_host_name(m_client.get(), m_host.c_str());
    SSL_set1_host(m_client.get(), m_host.c_str());
    SSL_set_connect_state(m_client.get());
    SSL_set_accept_state(m_server.get());
    constexpr int turns = 4;
    bool done = false;
    for (int i = 0; i < turns && !done; ++i) {
      const bool client = SSL_do_handshake(m_client.get()) == 1;
      done = SSL_do_handshake(m_server.get()) == 1 && client;
    }
    must(done, "handshake failed");
  }

  void transfer(std::string_view record) override {
    const int size = static_cast<int>(record.size());
    must(SSL_write(m_client.get(), record.data(), size) == size &&
             SSL_read(m_server.get(), m_read.data(), static_cast<int>(m_read.size())) == size,
         "transfer failed");
  }

private:
  std::string m_host;
  SslContextPtr m_clientContext, m_serverContext;
  SslPtr m_client, m_server;
  std::array<char, 1 << 14> m_read{};
};

} // namespace

std::unique_ptr<TlsContestant> openSslTls(const TlsConditions &conditions,
                                          const TlsParties &parties) {
  return std::make_unique<OpenSslTls>(conditions, parties);
}

} // namespace packetarium::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tls/openssl_peer.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

namespace tlstest {
namespace {

std::shared_ptr<BIO> bioOf(const std::string &text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free_all};
}

std::shared_ptr<X509> certificateOf(const std::string &pem) {
  return {PEM_read_bio_X509(bioOf(pem).get(), nullptr, nullptr, nullptr), X509_free};
}

int openSslVersion(Version v) { return v == Version::Tls13 ? TLS1_3_VERSION : TLS1_2_VERSION; }

int keyLogIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void onKeyLog(const SSL *ssl, const char *line) {
  auto *log = static_cast<std::vector<std::string> *>(
      SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keyLogIndex()));
  log->emplace_back(line);
}

int onAlpn(SSL *, const unsigned char **out, unsigned char *outSize, const unsigned char *in,
           unsigned inSize, void *arg) {
  const auto *own = static_cast<const std::string *>(arg);
  return SSL_select_next_proto(const_cast<unsigned char **>(out), outSize,
                               reinterpret_cast<const unsigned char *>(own->data()),
                               static_cast<unsigned>(own->size()), in,
                               inSize) == OPENSSL_NPN_NEGOTIATED
             ? SSL_TLSEXT_ERR_OK
             : SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::string wireAlpn(const std::string &name) { return static_cast<char>(name.size()) + name; }

} // namespace

OpenSslPeer::OpenSslPeer(const OpenSslSetup &setup)
    : m_context(SSL_CTX_new(setup.role == Role::Client ? TLS_client_method() : TLS_server_method()),
                SSL_CTX_free),
      m_keyLog(std::make_shared<std::vector<std::string>>()) {
  setUp(setup);
  connect(setup);
}

OpenSslPeer::OpenSslPeer(const OpenSslPeer &like, const OpenSslSetup &setup)
    : m_context(like.m_context), m_keyLog(like.m_keyLog) {
  connect(setup);
}

void OpenSslPeer::setUp(const OpenSslSetup &setup) {
  SSL_CTX *ctx = m_context.get();
  SSL_CTX_set_min_proto_version(ctx, openSslVersion(setup.from));
  SSL_CTX_set_max_proto_version(ctx, openSslVersion(setup.to));
  if (!setup.suites13.empty()) SSL_CTX_set_ciphersuites(ctx, setup.suites13.c_str());
  if (!setup.suites12.empty()) SSL_CTX_set_cipher_list(ctx, setup.suites12.c_str());
  if (!setup.groups.empty()) SSL_CTX_set1_groups_list(ctx, setup.groups.c_str());
  SSL_CTX_set_dh_auto(ctx, 1);
  SSL_CTX_set_ex_data(ctx, keyLogIndex(), m_keyLog.get());
  SSL_CTX_set_keylog_callback(ctx, onKeyLog);
  SSL_CTX_set_session_id_context(ctx, reinterpret_cast<const unsigned char *>("test"), 4);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_BOTH);
  if (setup.identity) {
    const auto &chain = setup.identity->chain;
    SSL_CTX_use_certificate(ctx, certificateOf(chain.front().pem()).get());
    for (std::size_t i = 1; i < chain.size(); ++i)
      SSL_CTX_add1_chain_cert(ctx, certificateOf(chain[i].pem()).get());
    const std::string key = setup.identity->key.pem();
    std::shared_ptr<EVP_PKEY> own(
        PEM_read_bio_PrivateKey(bioOf(key).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    SSL_CTX_use_PrivateKey(ctx, own.get());
  }
  if (!setup.rootPem.empty()) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), certificateOf(setup.rootPem).get());
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(ctx), nowSeconds);
    const bool asks = setup.role == Role::Client || setup.wantClientCertificate;
    if (asks) SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (setup.role == Role::Server && !setup.alpn.empty()) {
    static thread_local std::vector<std::unique_ptr<std::string>> kept;
    kept.push_back(std::make_unique<std::string>(wireAlpn(setup.alpn)));
    SSL_CTX_set_alpn_select_cb(ctx, onAlpn, kept.back().get());
  }
  if (setup.role == Role::Server && setup.maxEarlyData > 0) {
    SSL_CTX_set_max_early_data(ctx, setup.maxEarlyData);
    SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY);
  }
}

void OpenSslPeer::connect(const OpenSslSetup &setup) {
  m_ssl = {SSL_new(m_context.get()), SSL_free};
  SSL_set_bio(m_ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  if (setup.role == Role::Server) {
    SSL_set_accept_state(m_ssl.get());
    m_readsEarly = setup.maxEarlyData > 0;
    return;
  }
  SSL_set_connect_state(m_ssl.get());
  SSL_set_tlsext_host_name(m_ssl.get(), setup.serverName.c_str());
  SSL_set1_host(m_ssl.get(), setup.serverName.c_str());
  const std::string alpn = wireAlpn(setup.alpn);
  if (!setup.alpn.empty())
    SSL_set_alpn_protos(m_ssl.get(), reinterpret_cast<const unsigned char *>(alpn.data()),
                        static_cast<unsigned>(alpn.size()));
  if (setup.session) SSL_set_session(m_ssl.get(), setup.session.get());
}

void OpenSslPeer::note(int result) {
  const int error = SSL_get_error(m_ssl.get(), result);
  if (error == SSL_ERROR_ZERO_RETURN) m_peerClosed = true;
  if (error != SSL_ERROR_SSL && error != SSL_ERROR_SYSCALL) return;
  m_failed = true;
  std::array<char, 200> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  m_error = text.data();
  ERR_clear_error();
}

bool OpenSslPeer::stepEarly() {
  std::array<char, 4096> buffer{};
  for (;;) {
    std::size_t count = 0;
    const int result = SSL_read_early_data(m_ssl.get(), buffer.data(), buffer.size(), &count);
    m_early.append(buffer.data(), count);
    if (result == SSL_READ_EARLY_DATA_FINISH) {
      m_readsEarly = false;
      return true;
    }
    if (result == SSL_READ_EARLY_DATA_ERROR) {
      note(0);
      return false;
    }
  }
}

void OpenSslPeer::step() {
  if (m_failed) return;
  if (m_readsEarly && !stepEarly()) return;
  if (!m_done) {
    const int result = SSL_do_handshake(m_ssl.get());
    if (result != 1) return note(result);
    m_done = true;
  }
  if (!m_waiting.empty()) {
    SSL_write(m_ssl.get(), m_waiting.data(), static_cast<int>(m_waiting.size()));
    m_waiting.clear();
  }
  std::array<char, 20000> buffer{};
  for (;;) {
    const int count = SSL_read(m_ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0) return note(count);
    m_received.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

void OpenSslPeer::feed(View bytes) {
  BIO_write(SSL_get_rbio(m_ssl.get()), bytes.data(), static_cast<int>(bytes.size()));
  step();
}

Bytes OpenSslPeer::takeOutput() {
  step();
  BIO *bio = SSL_get_wbio(m_ssl.get());
  Bytes out(BIO_ctrl_pending(bio));
  if (!out.empty()) BIO_read(bio, out.data(), static_cast<int>(out.size()));
  return out;
}

void OpenSslPeer::send(std::string text) {
  m_waiting += text;
  step();
}

bool OpenSslPeer::writeEarly(std::string_view text) {
  std::size_t written = 0;
  return SSL_write_early_data(m_ssl.get(), text.data(), text.size(), &written) == 1;
}

bool OpenSslPeer::resumed() const { return SSL_session_reused(m_ssl.get()) == 1; }
std::string OpenSslPeer::suite() const {
  const SSL_CIPHER *cipher = SSL_get_current_cipher(m_ssl.get());
  return cipher != nullptr ? SSL_CIPHER_standard_name(cipher) : "";
}
std::string OpenSslPeer::alpn() const {
  const unsigned char *name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(m_ssl.get(), &name, &size);
  return {reinterpret_cast<const char *>(name), size};
}
std::string OpenSslPeer::peerSubject() const {
  X509 *peer = SSL_get0_peer_certificate(m_ssl.get());
  if (peer == nullptr) return {};
  std::array<char, 200> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(peer), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}
void OpenSslPeer::updateKeys(bool askPeer) {
  SSL_key_update(m_ssl.get(), askPeer ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
  SSL_do_handshake(m_ssl.get());
}
void OpenSslPeer::shutdown() { SSL_shutdown(m_ssl.get()); }
std::shared_ptr<SSL_SESSION> OpenSslPeer::session() const {
  return {SSL_get1_session(m_ssl.get()), SSL_SESSION_free};
}

void talk(Connection &own, OpenSslPeer &peer, Hands &hands) {
  own.start(hands);
  for (bool more = true; more;) {
    const Bytes ours = own.takeOutput();
    if (!ours.empty()) peer.feed(ours);
    const Bytes theirs = peer.takeOutput();
    if (!theirs.empty()) own.feed(theirs, hands);
    more = !ours.empty() || !theirs.empty();
  }
}

} // namespace tlstest

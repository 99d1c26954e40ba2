// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/path_run.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

namespace packetarium::crypto {

namespace {

using StorePtr = std::unique_ptr<X509_STORE, Release<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>>;

void releaseStack(STACK_OF(X509) * stack) { sk_X509_free(stack); } // its elements are not ours
using StackPtr = std::unique_ptr<STACK_OF(X509), Release<releaseStack>>;

/// Notes a complaint and goes on, so that every question gets an answer.
int noteComplaint(int ok, X509_STORE_CTX *context) {
  if (ok == 1) return 1;
  static_cast<PathRun *>(X509_STORE_CTX_get_app_data(context))
      ->complaints.push_back(
          {X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_error_depth(context)});
  return 1;
}

bool hasListOf(const TrustStore &trust, const X509 *leaf) {
  for (const RevocationList &list : trust.revoked)
    if (X509_NAME_cmp(X509_CRL_get_issuer(list.data().list.get()), X509_get_issuer_name(leaf)) == 0)
      return true;
  return false;
}

StorePtr storeOf(const TrustStore &trust) {
  StorePtr store(X509_STORE_new());
  require(store != nullptr, "no memory for a store");
  for (const Certificate &root : trust.roots)
    X509_STORE_add_cert(store.get(), root.data().x509.get());
  for (const RevocationList &list : trust.revoked)
    X509_STORE_add_crl(store.get(), list.data().list.get());
  return store;
}

void setQuestions(X509_VERIFY_PARAM *param, std::string_view host, std::int64_t at, Purpose purpose,
                  bool revocation) {
  constexpr int level = 2; // 112 bits: no SHA-1, no RSA of 1024 bits
  X509_VERIFY_PARAM_set_auth_level(param, level);
  X509_VERIFY_PARAM_set_time(param, at);
  X509_VERIFY_PARAM_set_purpose(param, purpose == Purpose::Server ? X509_PURPOSE_SSL_SERVER
                                                                  : X509_PURPOSE_SSL_CLIENT);
  // Whatever is in the store is trusted, even when it is not its own issuer.
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN |
                                         (revocation ? X509_V_FLAG_CRL_CHECK : 0UL));
  if (host.empty()) return;
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const std::string text(host);
  if (X509_VERIFY_PARAM_set1_ip_asc(param, text.c_str()) != 1)
    require(X509_VERIFY_PARAM_set1_host(param, text.data(), text.size()) == 1,
            "a name cannot be asked for");
}

std::vector<Certificate> pathOf(const X509_STORE_CTX *context) {
  std::vector<Certificate> path;
  const STACK_OF(X509) *const chain = X509_STORE_CTX_get0_chain(context);
  for (int i = 0; chain && i < sk_X509_num(chain); ++i) {
    X509 *const each = sk_X509_value(chain, i);
    X509_up_ref(each);
    auto data = dataOf(X509Ptr(each));
    require(data != nullptr, "a certificate has lost its key");
    path.emplace_back(std::move(data));
  }
  return path;
}

} // namespace

PathRun runPathValidation(const std::vector<Certificate> &presented, const TrustStore &trust,
                          std::string_view host, std::int64_t at, Purpose purpose) {
  const BlindingScope blinding;
  PathRun run;
  X509 *const leaf = presented.front().data().x509.get();
  run.revocationAsked = trust.checkRevocation && hasListOf(trust, leaf);
  const StorePtr store = storeOf(trust);
  const StackPtr others(sk_X509_new_null());
  for (const Certificate &each : presented) sk_X509_push(others.get(), each.data().x509.get());
  const StoreContextPtr context(X509_STORE_CTX_new_ex(library(), nullptr));
  require(others && context &&
              X509_STORE_CTX_init(context.get(), store.get(), leaf, others.get()) == 1,
          "no memory for a validation");
  setQuestions(X509_STORE_CTX_get0_param(context.get()), host, at, purpose, run.revocationAsked);
  X509_STORE_CTX_set_app_data(context.get(), &run);
  X509_STORE_CTX_set_verify_cb(context.get(), noteComplaint);
  const int verdict = X509_verify_cert(context.get());
  run.path = pathOf(context.get());
  if (verdict != 1 && run.complaints.empty())
    run.complaints.push_back({X509_STORE_CTX_get_error(context.get()), 0});
  if (run.path.empty()) run.path.push_back(presented.front());
  ERR_clear_error();
  return run;
}

} // namespace packetarium::crypto

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/random_provider.h"

#include "core/base/random.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <climits>

namespace packetarium::crypto {

ThreadRandom &threadRandom() {
  thread_local ThreadRandom state;
  return state;
}

namespace {

/// All that a generator of libcrypto has to remember here; the bytes come from the thread.
struct Generator {
  int state = EVP_RAND_STATE_UNINITIALISED;
};

void *newGenerator(void *, void *, const OSSL_DISPATCH *) { return new Generator; }
void freeGenerator(void *generator) { delete static_cast<Generator *>(generator); }

int instantiate(void *generator, unsigned int, int, const unsigned char *, std::size_t,
                const OSSL_PARAM[]) {
  static_cast<Generator *>(generator)->state = EVP_RAND_STATE_READY;
  return 1;
}

int uninstantiate(void *generator) {
  static_cast<Generator *>(generator)->state = EVP_RAND_STATE_UNINITIALISED;
  return 1;
}

int generate(void *, unsigned char *out, std::size_t size, unsigned int, int, const unsigned char *,
             std::size_t) {
  ThreadRandom &random = threadRandom();
  if (!random.stream) return 0;
  if (!random.blinds) {
    const std::size_t first = std::min(size, random.literal.size());
    out = std::copy_n(random.literal.begin(), first, out);
    size -= first;
    random.literal = random.literal.subspan(first);
  }
  while (size > 0) {
    std::uint64_t word = random.stream->next();
    for (int i = 0; i < 8 && size > 0; ++i, --size, word >>= 8)
      *out++ = static_cast<unsigned char>(word);
  }
  return 1;
}

int enableLocking(void *) { return 1; }

const OSSL_PARAM *gettableParams(void *, void *) {
  static const OSSL_PARAM params[] = {OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, nullptr),
                                      OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, nullptr),
                                      OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, nullptr),
                                      OSSL_PARAM_END};
  return params;
}

int getParams(void *generator, OSSL_PARAM params[]) {
  OSSL_PARAM *p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE);
  if (p && OSSL_PARAM_set_int(p, static_cast<Generator *>(generator)->state) == 0) return 0;
  p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH);
  if (p && OSSL_PARAM_set_uint(p, 256) == 0) return 0;
  p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST);
  return !p || OSSL_PARAM_set_size_t(p, INT_MAX) != 0 ? 1 : 0;
}

template <class F> OSSL_DISPATCH entry(int id, F *function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

const OSSL_ALGORITHM *query(void *, int operation, int *noCache) {
  static const OSSL_DISPATCH generator[] = {
      entry(OSSL_FUNC_RAND_NEWCTX, newGenerator),
      entry(OSSL_FUNC_RAND_FREECTX, freeGenerator),
      entry(OSSL_FUNC_RAND_INSTANTIATE, instantiate),
      entry(OSSL_FUNC_RAND_UNINSTANTIATE, uninstantiate),
      entry(OSSL_FUNC_RAND_GENERATE, generate),
      entry(OSSL_FUNC_RAND_ENABLE_LOCKING, enableLocking),
      entry(OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, gettableParams),
      entry(OSSL_FUNC_RAND_GET_CTX_PARAMS, getParams),
      {0, nullptr}};
  static const OSSL_ALGORITHM algorithms[] = {
      {randomAlgorithm, "provider=packetarium", generator, nullptr},
      {nullptr, nullptr, nullptr, nullptr}};
  *noCache = 0;
  return operation == OSSL_OP_RAND ? algorithms : nullptr;
}

void teardown(void *) {}

} // namespace

int initRandomProvider(const OSSL_CORE_HANDLE *, const OSSL_DISPATCH *, const OSSL_DISPATCH **out,
                       void **context) {
  static const OSSL_DISPATCH provider[] = {entry(OSSL_FUNC_PROVIDER_TEARDOWN, teardown),
                                           entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
                                           {0, nullptr}};
  static int nothing = 0;
  *context = &nothing;
  *out = provider;
  return 1;
}

} // namespace packetarium::crypto

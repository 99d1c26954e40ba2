// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/certificate.h"

#include "core/crypto/x509.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <chrono>
#include <ctime>

namespace packetarium::crypto {

std::optional<std::int64_t> secondsOf(const ASN1_TIME *time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  using namespace std::chrono;
  const sys_days date = year(parts.tm_year + 1900) /
                        month(static_cast<unsigned>(parts.tm_mon + 1)) /
                        day(static_cast<unsigned>(parts.tm_mday));
  return duration_cast<seconds>(date.time_since_epoch()).count() + parts.tm_hour * 3600 +
         parts.tm_min * 60 + parts.tm_sec;
}

std::string timeText(std::int64_t secondsSince1970) {
  using namespace std::chrono;
  const sys_seconds instant{seconds(secondsSince1970)};
  const sys_days date = floor<days>(instant);
  const year_month_day ymd(date);
  const hh_mm_ss time(instant - date);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", int{ymd.year()},
                     unsigned{ymd.month()}, unsigned{ymd.day()}, time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::string textOf(const X509_NAME *name) {
  // As RFC 4514 writes names, but with blanks, and with letters beyond ASCII as they are.
  constexpr unsigned long flags = (ASN1_STRFLGS_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) |
                                  XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_DN_REV | XN_FLAG_FN_SN;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, flags);
  const Bytes text = writtenTo(bio.get());
  return {text.begin(), text.end()};
}

std::shared_ptr<const Certificate::Data> dataOf(X509Ptr x509) {
  PkeyPtr key(X509_get_pubkey(x509.get()));
  if (!key || !secondsOf(X509_get0_notBefore(x509.get())) ||
      !secondsOf(X509_get0_notAfter(x509.get())))
    return nullptr;
  std::uint8_t *encoded = nullptr;
  const int size = i2d_X509(x509.get(), &encoded);
  if (size <= 0) return nullptr;
  Bytes der(encoded, encoded + size);
  OPENSSL_free(encoded);
  return std::make_shared<const Certificate::Data>(
      Certificate::Data{std::move(x509), std::move(der), publicKeyOf(std::move(key))});
}

namespace {

Fault unreadableCertificate() {
  ERR_clear_error();
  return {"", "this is no X.509 certificate"};
}

/// The extension of that kind, decoded; null without it or when it is malformed.
template <class T> T *extensionOf(const X509 *x509, int kind) {
  return static_cast<T *>(X509_get_ext_d2i(x509, kind, nullptr, nullptr));
}

std::string textOfAddress(const ASN1_OCTET_STRING *address) {
  const std::uint8_t *const b = ASN1_STRING_get0_data(address);
  return ASN1_STRING_length(address) == 4 ? fmt::format("{}.{}.{}.{}", b[0], b[1], b[2], b[3])
                                          : std::string();
}

} // namespace

Result<Certificate> Certificate::fromDer(View der) {
  const BlindingScope blinding;
  const std::uint8_t *next = der.data();
  const std::uint8_t *const end = next + der.size();
  X509 *raw = X509_new_ex(library(), nullptr);
  const bool read = d2i_X509(&raw, &next, static_cast<long>(der.size())) != nullptr;
  X509Ptr x509(raw);
  auto data = read && next == end ? dataOf(std::move(x509)) : nullptr;
  // What is encoded otherwise than DER demands would not come back as it went out.
  if (!data || !std::equal(der.begin(), der.end(), data->der.begin(), data->der.end()))
    return unreadableCertificate();
  ERR_clear_error();
  return Certificate(std::move(data));
}

Result<Certificate> Certificate::fromPem(std::string_view pem) {
  const BlindingScope blinding;
  const BioPtr bio = readerOf(viewOf(pem));
  X509 *raw = X509_new_ex(library(), nullptr);
  const bool read = PEM_read_bio_X509(bio.get(), &raw, nullptr, nullptr) != nullptr;
  X509Ptr x509(raw);
  auto data = read ? dataOf(std::move(x509)) : nullptr;
  if (!data) return unreadableCertificate();
  ERR_clear_error();
  return Certificate(std::move(data));
}

const Bytes &Certificate::der() const { return m_data->der; }

std::string Certificate::pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), m_data->x509.get()) == 1,
          "a certificate cannot be written");
  const Bytes text = writtenTo(bio.get());
  return {text.begin(), text.end()};
}

std::string Certificate::subject() const {
  return textOf(X509_get_subject_name(m_data->x509.get()));
}

std::string Certificate::issuer() const { return textOf(X509_get_issuer_name(m_data->x509.get())); }

std::string Certificate::commonName() const {
  const X509_NAME *const name = X509_get_subject_name(m_data->x509.get());
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) return {};
  std::uint8_t *text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  if (size < 0) {
    ERR_clear_error();
    return {};
  }
  std::string out(text, text + size);
  OPENSSL_free(text);
  return out;
}

std::string Certificate::serial() const {
  const NumberPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(m_data->x509.get()), nullptr));
  if (!number) return {};
  return (BN_is_negative(number.get()) ? "-" : "") + hex(bytesOf(number.get(), 1));
}

std::int64_t Certificate::notBefore() const {
  return secondsOf(X509_get0_notBefore(m_data->x509.get())).value_or(0);
}

std::int64_t Certificate::notAfter() const {
  return secondsOf(X509_get0_notAfter(m_data->x509.get())).value_or(0);
}

std::vector<std::string> Certificate::dnsNames() const {
  std::vector<std::string> out;
  const std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>> names(
      extensionOf<GENERAL_NAMES>(m_data->x509.get(), NID_subject_alt_name));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME *const each = sk_GENERAL_NAME_value(names.get(), i);
    if (each->type == GEN_DNS) {
      const std::uint8_t *const text = ASN1_STRING_get0_data(each->d.dNSName);
      out.emplace_back(text, text + ASN1_STRING_length(each->d.dNSName));
    } else if (each->type == GEN_IPADD) {
      if (auto text = textOfAddress(each->d.iPAddress); !text.empty())
        out.push_back(std::move(text));
    }
  }
  ERR_clear_error();
  return out;
}

bool Certificate::isAuthority() const {
  return (X509_get_extension_flags(m_data->x509.get()) & EXFLAG_CA) != 0;
}

bool Certificate::isSelfIssued() const {
  const X509 *const x509 = m_data->x509.get();
  return X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
}

PublicKey Certificate::publicKey() const { return m_data->key; }

std::string Certificate::signatureAlgorithm() const {
  const X509_ALGOR *algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, m_data->x509.get());
  std::string text(128, '\0');
  const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), algorithm->algorithm, 0);
  text.resize(size > 0 ? std::min(static_cast<std::size_t>(size), text.size() - 1) : 0);
  return text;
}

Bytes Certificate::fingerprint() const { return digest(Hash::Sha256, der()); }

Result<RevocationList> RevocationList::fromDer(View der) {
  const BlindingScope blinding;
  const std::uint8_t *next = der.data();
  const std::uint8_t *const end = next + der.size();
  X509_CRL *raw = X509_CRL_new_ex(library(), nullptr);
  const bool read = d2i_X509_CRL(&raw, &next, static_cast<long>(der.size())) != nullptr;
  X509ListPtr list(raw);
  ERR_clear_error();
  if (!read || next != end) return Fault{"", "this is no list of revoked certificates"};
  return RevocationList(
      std::make_shared<const Data>(Data{std::move(list), Bytes(der.begin(), der.end())}));
}

const Bytes &RevocationList::der() const { return m_data->der; }

std::string RevocationList::issuer() const {
  return textOf(X509_CRL_get_issuer(m_data->list.get()));
}

} // namespace packetarium::crypto

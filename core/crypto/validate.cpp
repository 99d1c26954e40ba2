// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/path_run.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>

namespace packetarium::crypto {

namespace {

using Verdict = CertificateCheck::Verdict;

/// What a complaint of libcrypto is about.
enum class Matter { Signature, Trust, Authority, Validity, Name, Purpose, Revocation, Other };

Matter matterOf(int error) {
  switch (error) {
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
  case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
  case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: return Matter::Signature;
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_CERT_CHAIN_TOO_LONG:
  case X509_V_ERR_CERT_UNTRUSTED:
  case X509_V_ERR_CERT_REJECTED: return Matter::Trust;
  case X509_V_ERR_INVALID_CA:
  case X509_V_ERR_INVALID_NON_CA:
  case X509_V_ERR_PATH_LENGTH_EXCEEDED:
  case X509_V_ERR_KEYUSAGE_NO_CERTSIGN: return Matter::Authority;
  case X509_V_ERR_CERT_NOT_YET_VALID:
  case X509_V_ERR_CERT_HAS_EXPIRED:
  case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
  case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD: return Matter::Validity;
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH: return Matter::Name;
  case X509_V_ERR_INVALID_PURPOSE: return Matter::Purpose;
  case X509_V_ERR_CERT_REVOKED:
  case X509_V_ERR_UNABLE_TO_GET_CRL:
  case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
  case X509_V_ERR_CRL_SIGNATURE_FAILURE:
  case X509_V_ERR_CRL_NOT_YET_VALID:
  case X509_V_ERR_CRL_HAS_EXPIRED:
  case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
  case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
  case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
  case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
  case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
  case X509_V_ERR_DIFFERENT_CRL_SCOPE:
  case X509_V_ERR_CRL_PATH_VALIDATION_ERROR: return Matter::Revocation;
  default: return Matter::Other;
  }
}

CertificateFault faultOf(int error) {
  switch (matterOf(error)) {
  case Matter::Signature: return CertificateFault::BadSignature;
  case Matter::Trust:
    return error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ? CertificateFault::SelfSigned
                                                           : CertificateFault::UnknownIssuer;
  case Matter::Authority: return CertificateFault::NotAuthority;
  case Matter::Validity:
    return error == X509_V_ERR_CERT_NOT_YET_VALID ? CertificateFault::NotYetValid
                                                  : CertificateFault::Expired;
  case Matter::Name: return CertificateFault::WrongName;
  case Matter::Purpose: return CertificateFault::WrongPurpose;
  case Matter::Revocation:
    return error == X509_V_ERR_CERT_REVOKED ? CertificateFault::Revoked : CertificateFault::Other;
  case Matter::Other: break;
  }
  return CertificateFault::Other;
}

std::string calledName(const Certificate &certificate) {
  const std::string common = certificate.commonName();
  return common.empty() ? certificate.subject() : common;
}

std::string joinedNames(const Certificate &leaf) {
  std::string out;
  for (const std::string &each : leaf.dnsNames()) out += (out.empty() ? "" : ", ") + each;
  if (out.empty()) out = leaf.commonName();
  return out.empty() ? "nobody" : out;
}

/// Turns a run into questions with answers.
class CheckList {
public:
  CheckList(const PathRun &run, std::string_view host, std::int64_t at, Purpose purpose)
      : m_run(run), m_host(host), m_at(at), m_purpose(purpose) {}

  std::vector<CertificateCheck> checks() {
    for (std::size_t depth = 0; depth < m_run.path.size(); ++depth) {
      signatureCheck(depth);
      validityCheck(depth);
      if (depth > 0) authorityCheck(depth);
      if (depth == 0) leafChecks();
    }
    trustCheck();
    otherChecks();
    return std::move(m_checks);
  }

private:
  /// The first error about that at a depth (-1: any); 0: none.
  int complaint(Matter matter, int depth) const {
    for (const PathRun::Complaint &each : m_run.complaints)
      if (matterOf(each.error) == matter && (depth < 0 || each.depth == depth)) return each.error;
    return 0;
  }

  void add(const char *name, std::string detail, const char *source, Verdict verdict) {
    m_checks.push_back({name, std::move(detail), source, verdict});
  }
  static Verdict passedIf(bool good) { return good ? Verdict::Passed : Verdict::Failed; }

  void signatureCheck(std::size_t depth) {
    const Certificate &each = m_run.path[depth];
    constexpr const char *source = "RFC 5280 section 6.1.3";
    const bool last = depth + 1 == m_run.path.size();
    if (last && complaint(Matter::Trust, -1) == 0) return; // a root is believed as it is
    if (last && !each.isSelfIssued()) {
      add("signature",
          fmt::format("{} says that {} signed it, whose certificate is missing", calledName(each),
                      each.issuer()),
          source, Verdict::NotReached);
      return;
    }
    const Certificate &issuer = last ? each : m_run.path[depth + 1];
    const bool good =
        last ? X509_verify(each.data().x509.get(), each.publicKey().key().pkey.get()) == 1
             : complaint(Matter::Signature, static_cast<int>(depth)) == 0;
    ERR_clear_error();
    add("signature",
        fmt::format("the signature on {} ({}) {} the public key of {}", calledName(each),
                    each.signatureAlgorithm(), good ? "fits" : "does not fit",
                    last ? "itself" : calledName(issuer)),
        source, passedIf(good));
  }

  void validityCheck(std::size_t depth) {
    const Certificate &each = m_run.path[depth];
    const bool good = complaint(Matter::Validity, static_cast<int>(depth)) == 0;
    add("validity",
        fmt::format("{} is valid from {} to {}; it is {}", calledName(each),
                    timeText(each.notBefore()), timeText(each.notAfter()), timeText(m_at)),
        "RFC 5280 section 4.1.2.5", passedIf(good));
  }

  void authorityCheck(std::size_t depth) {
    const Certificate &each = m_run.path[depth];
    const int error = complaint(Matter::Authority, static_cast<int>(depth));
    std::string detail = fmt::format("{} may sign certificates", calledName(each));
    if (error == X509_V_ERR_PATH_LENGTH_EXCEEDED)
      detail = fmt::format("{} allows fewer authorities below it than there are", calledName(each));
    else if (error != 0)
      detail = fmt::format("{} may not sign certificates, but has signed {}", calledName(each),
                           calledName(m_run.path[depth - 1]));
    add("authority", std::move(detail), "RFC 5280 section 4.2.1.9", passedIf(error == 0));
  }

  void leafChecks() {
    const Certificate &leaf = m_run.path.front();
    if (!m_host.empty()) {
      const bool good = complaint(Matter::Name, -1) == 0;
      add("name",
          good ? fmt::format("{} is among its names ({})", m_host, joinedNames(leaf))
               : fmt::format("it is for {}, not for {}", joinedNames(leaf), m_host),
          "RFC 6125 section 6.4", passedIf(good));
    }
    const bool fit = complaint(Matter::Purpose, -1) == 0;
    add("purpose",
        fmt::format("it is {} for authenticating a {}", fit ? "meant" : "not meant",
                    m_purpose == Purpose::Server ? "server" : "client"),
        "RFC 5280 section 4.2.1.12", passedIf(fit));
    revocationCheck();
  }

  void revocationCheck() {
    constexpr const char *source = "RFC 5280 section 6.3";
    const Certificate &leaf = m_run.path.front();
    const int error = complaint(Matter::Revocation, -1);
    if (!m_run.revocationAsked)
      add("revocation", "no list of its issuer's revoked certificates was looked at", source,
          Verdict::NotReached);
    else if (error == 0)
      add("revocation", fmt::format("{} has not revoked it", leaf.issuer()), source,
          Verdict::Passed);
    else if (error == X509_V_ERR_CERT_REVOKED)
      add("revocation",
          fmt::format("{} has revoked it (serial number {})", leaf.issuer(), leaf.serial()), source,
          Verdict::Failed);
    else
      add("revocation",
          fmt::format("the list of {} cannot be used: {}", leaf.issuer(),
                      X509_verify_cert_error_string(error)),
          source, Verdict::Failed);
  }

  void trustCheck() {
    constexpr const char *source = "RFC 5280 section 6.1.1";
    const Certificate &last = m_run.path.back();
    const int error = complaint(Matter::Trust, -1);
    if (error == 0) {
      add("issuer trusted", fmt::format("{} is among the trusted roots", calledName(last)), source,
          Verdict::Passed);
      return;
    }
    std::string detail = fmt::format("{} is not among the trusted roots, nor is who signed it ({})",
                                     calledName(last), last.issuer());
    if (error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT)
      detail = fmt::format("{} has signed itself: nobody trusted vouches for it", calledName(last));
    else if (error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
      detail = fmt::format("the root {} is not among the trusted ones", calledName(last));
    add("issuer trusted", std::move(detail), source, Verdict::Failed);
  }

  void otherChecks() {
    std::vector<int> seen;
    for (const PathRun::Complaint &each : m_run.complaints) {
      if (matterOf(each.error) != Matter::Other) continue;
      if (std::find(seen.begin(), seen.end(), each.error) != seen.end()) continue;
      seen.push_back(each.error);
      add("other", X509_verify_cert_error_string(each.error), "RFC 5280 section 6.1",
          Verdict::Failed);
    }
  }

  const PathRun &m_run;
  std::string_view m_host;
  std::int64_t m_at;
  Purpose m_purpose;
  std::vector<CertificateCheck> m_checks;
};

/// The fault that makes the others beside the point comes first.
CertificateFault worstFault(const PathRun &run) {
  constexpr std::array order = {CertificateFault::BadSignature, CertificateFault::NotAuthority,
                                CertificateFault::SelfSigned,   CertificateFault::UnknownIssuer,
                                CertificateFault::Expired,      CertificateFault::NotYetValid,
                                CertificateFault::WrongName,    CertificateFault::WrongPurpose,
                                CertificateFault::Revoked,      CertificateFault::Other};
  for (const CertificateFault fault : order)
    for (const PathRun::Complaint &each : run.complaints)
      if (faultOf(each.error) == fault) return fault;
  return CertificateFault::None;
}

} // namespace

Validation validate(const std::vector<Certificate> &presented, const TrustStore &trust,
                    std::string_view host, std::int64_t at, Purpose purpose) {
  if (presented.empty())
    return {CertificateFault::NoCertificate,
            {{"certificate", "none was presented", "RFC 8446 section 4.4.2", Verdict::Failed}},
            {}};
  const PathRun run = runPathValidation(presented, trust, host, at, purpose);
  CheckList list(run, host, at, purpose);
  Validation out;
  out.fault = worstFault(run);
  out.checks = list.checks();
  out.path = run.path;
  return out;
}

std::string_view name(CertificateFault fault) {
  constexpr std::array<std::string_view, 13> names = {
      "none",       "unreadable",    "no-certificate", "not-yet-valid", "expired",
      "wrong-name", "self-signed",   "unknown-issuer", "not-authority", "bad-signature",
      "revoked",    "wrong-purpose", "other"};
  return names[static_cast<std::size_t>(fault)];
}

std::string_view sentence(CertificateFault fault) {
  constexpr std::array<std::string_view, 13> sentences = {
      "The certificate is trusted.",
      "What was presented is no readable certificate.",
      "No certificate was presented.",
      "The certificate is not valid yet.",
      "The certificate has expired.",
      "The certificate is for another name.",
      "The certificate is signed by nobody but itself.",
      "The certificate was not issued by anybody who is trusted.",
      "Something that is no authority has signed the certificate.",
      "A signature in the chain does not fit: something was changed or forged.",
      "The certificate was revoked by its issuer.",
      "The certificate is not meant for this purpose.",
      "The certificate did not pass."};
  return sentences[static_cast<std::size_t>(fault)];
}

} // namespace packetarium::crypto

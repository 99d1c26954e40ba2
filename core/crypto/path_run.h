// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/x509.h"

/// For the files of this room alone: one path validation by libcrypto, with all its complaints.
namespace packetarium::crypto {

struct PathRun {
  struct Complaint {
    int error = 0; ///< X509_V_ERR_…
    int depth = 0; ///< 0: the leaf
  };
  std::vector<Complaint> complaints;
  std::vector<Certificate> path; ///< leaf to root, as far as libcrypto could build it
  bool revocationAsked = false;  ///< a list of the leaf's issuer was present
};

/// presented must not be empty.
PathRun runPathValidation(const std::vector<Certificate> &presented, const TrustStore &trust,
                          std::string_view host, std::int64_t at, Purpose purpose);

} // namespace packetarium::crypto

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/real/handshake_facts.h"

#include <QSslCertificate>

namespace packetarium::ui {

// A certificate as it is shown.
[[nodiscard]] CertificateFacts certificateFacts(const QSslCertificate &certificate);

// How a server with this certificate signed the handshake. In TLS 1.3 the key decides it (RFC 8446,
// 4.2.3: RSA only as PSS, each curve with one hash); in 1.2 only the algorithm is told.
[[nodiscard]] QString handshakeSignature(const QSslCertificate &leaf, bool is13);

} // namespace packetarium::ui

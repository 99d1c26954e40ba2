// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/real/real_handshake.h"

#include <QAbstractSocket>
#include <QHostInfo>
#include <QSslError>

namespace packetarium::ui {

// What went wrong, as a sentence that says what was tried and, where that is known, why it failed.

[[nodiscard]] QString lookupFailure(const Target &target, const QHostInfo &info);
// peer is the address that was being talked to.
[[nodiscard]] QString timeoutWords(const RealHandshake &seen, HandshakePhase phase,
                                   const QString &peer);
// detail is the socket's own text; for TLS it carries OpenSSL's reason.
[[nodiscard]] QString failureWords(const RealHandshake &seen, HandshakePhase phase,
                                   const QString &peer, QAbstractSocket::SocketError error,
                                   const QString &detail);

// Why a chain is not trusted.
[[nodiscard]] QString chainFaultWords(const QSslError &fault, const QString &host);

} // namespace packetarium::ui

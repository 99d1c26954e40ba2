// SPDX-License-Identifier: GPL-3.0-or-later
// TLS messages from anywhere: what a reader takes, its writer gives back byte for byte, and a
// segment of them is taken apart within its bounds.
#include "core/wire/dissect.h"
#include "core/wire/tls_messages.h"

#include <algorithm>
#include <cstdlib>

using namespace packetarium::wire;
using namespace packetarium::wire::tls;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const Bytes &ours, View theirs) {
  return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end());
}

template <typename Read, typename Write> void rewrite(View body, Read read, Write write) {
  if (const auto m = read(body)) require(same(write(*m), body));
}
template <typename Read> void rewrite(View body, Read read) {
  rewrite(body, read, [](const auto &m) { return write(m); });
}

/// A hello of TLS 1.2 may have an empty block of extensions, which is written as none.
template <typename Read> void rewriteHello(View body, Read read) {
  const auto m = read(body);
  if (!m) return;
  Bytes again = write(*m);
  if (again.size() != body.size()) {
    require(m->extensions.empty());
    again.insert(again.end(), {0, 0});
  }
  require(same(again, body));
  (void)hasDuplicates(m->extensions);
}

void rewriteMessages(View body) {
  rewriteHello(body, readClientHello);
  rewriteHello(body, readServerHello);
  rewrite(body, readEncryptedExtensions, writeEncryptedExtensions);
  rewrite(body, readCertificate13, writeCertificate13);
  rewrite(body, readCertificate12, writeCertificate12);
  rewrite(body, readCertificateRequest13);
  rewrite(body, readCertificateRequest12);
  rewrite(body, readCertificateVerify);
  rewrite(body, readNewSessionTicket13);
  rewrite(body, readNewSessionTicket12);
  rewrite(body, [](View b) { return readServerKeyExchange(b, true); });
  rewrite(body, [](View b) { return readServerKeyExchange(b, false); });
}

void rewriteExtensions(View data) {
  const auto dataOf = [](auto make) { return [make](const auto &v) { return make(v).data; }; };
  rewrite(data, readServerName, dataOf(serverName));
  rewrite(data, readSupportedVersions, dataOf(supportedVersions));
  rewrite(data, readUint16, dataOf(selectedVersion));
  rewrite(data, readUint16List, dataOf(supportedGroups));
  rewrite(data, readKeyShares, dataOf(keyShares));
  rewrite(data, readKeyShare, dataOf(keyShare));
  rewrite(data, readCookie, dataOf(cookie));
  rewrite(data, readAlpn, dataOf(alpn));
  rewrite(data, readPskModes, dataOf(pskModes));
  rewrite(data, readPreSharedKey, dataOf(preSharedKey));
  rewrite(data, readMaxEarlyData, dataOf(maxEarlyData));
  rewrite(data, readRenegotiationInfo, dataOf(renegotiationInfo));
}

void requireInside(const std::vector<Field> &fields, std::size_t size) {
  for (const Field &f : fields) {
    require(std::size_t{f.offset} + f.length <= size);
    require(!f.abbrev.empty() && !f.name.empty());
    requireInside(f.children, size);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const View bytes(data, size);
  rewriteMessages(bytes);
  if (size > 4) rewriteMessages(bytes.subspan(4)); // past a message's header
  if (size > 9) rewriteMessages(bytes.subspan(9)); // and a record's
  rewriteExtensions(bytes);

  Packet p;
  p.kind = PacketKind::Tcp;
  p.tcp = TcpHeader{};
  p.tcp.destinationPort = 443;
  p.payload = Payload::of(Bytes(data, data + std::min<std::size_t>(size, 60000)));
  seal(p);
  const Dissection d = dissect(p);
  require(!d.info.empty() && !d.label.empty());
  requireInside(d.layers, d.bytes.size());
  return 0;
}

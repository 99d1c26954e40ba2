// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissect_tls.h"

#include <fmt/format.h>

namespace packetarium::wire {
namespace tls {
namespace {

std::string hexText(View bytes, std::size_t max) {
  std::string out;
  for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), max)))
    out += fmt::format("{:02x}", byte);
  return out;
}

std::string numberedContent(std::uint8_t type) {
  return fmt::format("{} ({})", nameOfContent(type), type);
}

Field encryptedField(std::string_view abbrev, std::size_t at, std::size_t bytes,
                     std::string_view what) {
  return Dissector::make(abbrev, at, bytes, fmt::format("{}, {} bytes", what, bytes));
}

/// An alert in clear has two bytes, the first of them 1 or 2; encrypted ones are longer.
bool alertInClear(View body, std::size_t length) {
  return length == 2 && body.size() == 2 && (body[0] == 1 || body[0] == 2);
}

Field alertField(const Dissector &d, std::size_t at, View body, std::size_t length) {
  if (!alertInClear(body, length))
    return encryptedField("tls.alert_message", at, body.size(), "Encrypted Alert");
  Field f = Dissector::make("tls.alert_message", at, 2, nameOfAlert(body[1]));
  f.children.push_back(
      d.number("tls.alert_message.level", at, 1, body[0] == 1 ? "Warning (1)" : "Fatal (2)"));
  f.children.push_back(d.number(
      "tls.alert_message.desc", at + 1, 1,
      fmt::format("{} ({}): {}", nameOfAlert(body[1]), body[1], sentenceOfAlert(body[1]))));
  return f;
}

Field applicationField(const Dissector &d, std::size_t at, View body) {
  Field f = d.blob("tls.app_data", at, body.size());
  f.value = fmt::format("Application Data (encrypted), {} bytes", body.size());
  f.key = hexText(body, body.size());
  return f;
}

void handshakeFields(const Dissector &d, Field &record, std::size_t at, View body,
                     std::size_t length, bool encrypted) {
  const auto messages = encrypted ? std::nullopt : scanMessages(body, length);
  if (!messages) {
    record.children.push_back(
        encryptedField("tls.handshake", at, body.size(), "Encrypted Handshake Message"));
    return;
  }
  for (const MessageView &m : *messages) {
    record.children.push_back(messageField(d, m, at));
    record.malformed = record.malformed || record.children.back().malformed;
  }
  const std::size_t read = messages->back().body() + messages->back().present;
  if (read < body.size())
    record.children.push_back(d.blob("tls.segment.data", at + read, body.size() - read));
}

Field recordField(const Dissector &d, const RecordView &r, std::size_t from, bool encrypted) {
  const std::size_t at = from + r.at;
  const std::size_t body = from + r.body();
  const View here = d.frame.subspan(body, r.present);
  const auto type = static_cast<std::uint8_t>(r.type);
  Field f = Dissector::make("tls.record", at, recordHeaderBytes + r.present, nameOfContent(type));
  if (!r.whole())
    f.value += fmt::format(", {} of {} bytes: continues in the next segment", r.present, r.length);
  f.children.push_back(d.number("tls.record.content_type", at, 1, numberedContent(type)));
  f.children.push_back(d.number("tls.record.version", at + 1, 2,
                                fmt::format("{} (0x{:04x})", nameOfVersion(r.version), r.version)));
  f.children.push_back(d.number("tls.record.length", at + 3, 2));
  if (r.present == 0) return f;
  switch (r.type) {
  case ContentType::ChangeCipherSpec:
    f.children.push_back(Dissector::make("tls.change_cipher_spec", body, r.present));
    break;
  case ContentType::Alert: f.children.push_back(alertField(d, body, here, r.length)); break;
  case ContentType::Handshake: handshakeFields(d, f, body, here, r.length, encrypted); break;
  case ContentType::ApplicationData: f.children.push_back(applicationField(d, body, here)); break;
  }
  return f;
}

/// One thing after another in a segment, as a list and a canvas name them.
class Parts {
public:
  explicit Parts(View stretch) : m_stretch(stretch), m_scan(scanRecords(stretch)) {
    for (const RecordView &r : m_scan.records) add(r);
  }
  bool empty() const { return m_scan.records.empty(); }
  std::string label() const {
    constexpr std::size_t longest = 40; // what a canvas has room for
    std::string out;
    for (const std::string &name : m_short) {
      if (!out.empty() && out.size() + name.size() + 2 > longest) return out + ", …";
      out += (out.empty() ? "" : ", ") + name;
    }
    return out.empty() ? "Change Cipher Spec" : out;
  }
  std::string info() const {
    std::string out;
    for (const std::string &name : m_long) out += (out.empty() ? "" : ", ") + name;
    const std::size_t left = m_stretch.size() - m_scan.rest;
    if (left > 0) out += fmt::format(", TLS segment data, {} B", left);
    return out;
  }

private:
  void add(const RecordView &r) {
    const View body = m_stretch.subspan(r.body(), r.present);
    switch (r.type) {
    case ContentType::ChangeCipherSpec:
      m_long.push_back("Change Cipher Spec");
      m_changed = true;
      break;
    case ContentType::Alert: addAlert(body, r.length); break;
    case ContentType::Handshake: addHandshake(body, r.length); break;
    case ContentType::ApplicationData: addData(r); break;
    }
  }
  void addBoth(const std::string &name) {
    m_long.push_back(name);
    m_short.push_back(name);
  }
  void addEncrypted(const std::string &name) {
    m_long.push_back(name);
    if (m_short.empty() || m_short.back() != "encrypted") m_short.push_back("encrypted");
  }
  void addAlert(View body, std::size_t length) {
    addBoth(alertInClear(body, length) ? "Alert: " + nameOfAlert(body[1]) : "Encrypted Alert");
  }
  void addHandshake(View body, std::size_t length) {
    const auto messages = m_changed ? std::nullopt : scanMessages(body, length);
    if (!messages) return addEncrypted("Encrypted Handshake Message");
    for (const MessageView &m : *messages) addMessage(m, body.subspan(m.body(), m.present));
  }
  void addMessage(const MessageView &m, View body) {
    std::string name = nameOfHandshake(m.type);
    if (m.type == static_cast<std::uint8_t>(HandshakeType::ServerHello)) {
      m_serverHello = true;
      if (isHelloRetry(body)) name = "Hello Retry Request";
    }
    m_short.push_back(name);
    m_long.push_back(name + nameAsked(m, body));
  }
  /// " (SNI=www.example.com)" for a ClientHello that names its server.
  static std::string nameAsked(const MessageView &m, View body) {
    if (m.type != static_cast<std::uint8_t>(HandshakeType::ClientHello)) return {};
    const auto hello = readClientHello(body);
    const Extension *asked = hello ? find(hello->extensions, ExtensionType::ServerName) : nullptr;
    const auto name = asked != nullptr ? readServerName(asked->data) : std::nullopt;
    return name && !name->empty() ? " (SNI=" + printable(*name, 80) + ")" : std::string();
  }
  void addData(const RecordView &r) {
    // What follows a ServerHello at once is the rest of the handshake under TLS 1.3.
    if (m_serverHello) return addEncrypted("Application Data");
    m_data += r.present;
    const std::string name = r.whole()
                                 ? fmt::format("Application Data, {} B", r.length)
                                 : fmt::format("Application Data, {} of {} B", r.present, r.length);
    m_long.push_back(name);
    if (m_short.empty() || m_short.back().rfind("Application", 0) != 0)
      m_short.push_back(name);
    else
      m_short.back() = fmt::format("Application Data, {} B", m_data);
  }

  View m_stretch;
  RecordScan m_scan;
  std::vector<std::string> m_long, m_short;
  std::size_t m_data = 0;
  bool m_changed = false;
  bool m_serverHello = false;
};

} // namespace
} // namespace tls

void dissectTls(Dissector &d, std::size_t at, std::size_t end) {
  const auto scan = tls::scanRecords(d.frame.subspan(at, end - at));
  Field layer = Dissector::make("tls", at, end - at);
  bool changed = false; // what follows a ChangeCipherSpec is encrypted
  for (const tls::RecordView &r : scan.records) {
    layer.children.push_back(tls::recordField(d, r, at, changed));
    layer.malformed = layer.malformed || layer.children.back().malformed;
    layer.value +=
        (layer.value.empty() ? "" : ", ") + tls::nameOfContent(static_cast<std::uint8_t>(r.type));
    changed = changed || r.type == tls::ContentType::ChangeCipherSpec;
  }
  const std::size_t rest = end - at - scan.rest;
  if (rest > 0) layer.children.push_back(d.blob("tls.segment.data", at + scan.rest, rest));
  if (scan.records.empty())
    layer.value = fmt::format("TLS segment data (continues), {} bytes", rest);
  d.layers.push_back(std::move(layer));
}

Summary summariseTls(const Payload &payload) {
  const Bytes copy = payload.isPattern() ? payload.toBytes() : Bytes{};
  const tls::Parts parts(payload.isPattern() ? tls::View(copy) : payload.view());
  if (!parts.empty()) return {"TLS", parts.label(), parts.info()};
  return {"TLS", fmt::format("TLS segment data, {} B", payload.size()),
          fmt::format("TLS segment data (continues), {} B", payload.size())};
}

} // namespace packetarium::wire

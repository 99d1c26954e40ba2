// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secure/key_tree.h"

#include "core/crypto/bytes.h"
#include "ui/secure/security_words.h"

#include <QCoreApplication>

#include <algorithm>
#include <initializer_list>

namespace packetarium::ui {
namespace {

using analysis::TlsLine;
using analysis::TlsStory;

QString sayKey(const char *text) {
  return QCoreApplication::translate("packetarium::ui::KeyTree", text);
}

struct Place {
  int column, span, row;
  std::vector<int> parents;
};

/// Puts the boxes of a story together.
class TreeMaker {
public:
  explicit TreeMaker(const TlsStory &story) : m_story(story) {}

  int secret(const QString &title, std::string_view name, const QString &how, const char *reference,
             std::string key, Place place) {
    KeyBox box = blank(title, how, reference, std::move(key), std::move(place));
    if (const auto *row = m_story.secret(name)) fill(box, *row);
    return add(std::move(box));
  }
  /// Something that exists as soon as another secret does and is no secret itself.
  int input(const QString &title, std::string_view with, const QString &how, const char *reference,
            Place place) {
    KeyBox box = blank(title, how, reference, {}, std::move(place));
    if (const auto *row = m_story.secret(with)) {
      fill(box, *row);
      box.value.clear();
      box.detail = how;
      box.reference = QString::fromLatin1(reference);
    }
    return add(std::move(box));
  }
  int finished(bool ofClient, const QString &how, const char *reference, std::string key,
               Place place) {
    KeyBox box = blank(ofClient ? sayKey("client Finished") : sayKey("server Finished"), how,
                       reference, std::move(key), std::move(place));
    for (const TlsLine &line : m_story.lines) {
      constexpr std::ptrdiff_t head = 4;
      if (line.name != "Finished" || line.fromClient != ofClient || line.bytes.size() < head)
        continue;
      box.exists = true;
      box.value = QString::fromStdString(
          crypto::hex(std::span(line.bytes).subspan(static_cast<std::size_t>(head))));
      box.when = line.first();
      box.client = ofClient ? line.sent.known() : line.received.known();
      box.server = ofClient ? line.received.known() : line.sent.known();
    }
    return add(std::move(box));
  }
  /// Several secrets in a row, as they stand in one block.
  int block(const QString &title, std::initializer_list<std::string_view> names, const QString &how,
            const char *reference, Place place) {
    KeyBox box = blank(title, how, reference, {}, std::move(place));
    QString all;
    for (const std::string_view name : names)
      if (const auto *row = m_story.secret(name)) {
        fill(box, *row);
        all += QString::fromStdString(row->value);
      }
    box.value = all;
    box.detail = how;
    box.reference = QString::fromLatin1(reference);
    return add(std::move(box));
  }
  /// Title and name of the newest generation of a traffic secret; empty while there is but one.
  std::string updated(std::string_view whose) const {
    std::string newest;
    const std::string stem = std::string(whose) + "_application_traffic_secret_";
    for (const auto &row : m_story.secrets)
      if (row.name.starts_with(stem) && !row.name.ends_with("_0")) newest = row.name;
    return newest;
  }
  bool resumed() const { return m_story.how.find("resumed") != std::string::npos || hasPsk(); }
  KeyTree take() {
    for (const KeyBox &box : m_tree.boxes) {
      m_tree.columns = std::max(m_tree.columns, box.column + box.span);
      m_tree.rows = std::max(m_tree.rows, box.row + 1);
    }
    return std::move(m_tree);
  }

private:
  bool hasPsk() const {
    const auto *early = m_story.secret("early secret");
    return early != nullptr && early->detail.find("pre-shared key (") != std::string::npos &&
           early->detail.find("no pre-shared key") == std::string::npos;
  }
  static KeyBox blank(const QString &title, const QString &how, const char *reference,
                      std::string key, Place place) {
    KeyBox box;
    box.title = title;
    box.detail = how;
    box.reference = QString::fromLatin1(reference);
    box.key = std::move(key);
    box.column = place.column;
    box.span = place.span;
    box.row = place.row;
    box.parents = std::move(place.parents);
    return box;
  }
  static void fill(KeyBox &box, const analysis::TlsSecretRow &row) {
    box.exists = true;
    box.value = QString::fromStdString(row.value);
    const Sourced told = sourced(row.detail);
    if (!told.text.isEmpty()) box.detail = told.text;
    if (!told.reference.isEmpty()) box.reference = told.reference;
    box.client = row.client.known();
    box.server = row.server.known();
    box.differs = row.differs;
    box.when = row.first();
  }
  int add(KeyBox box) {
    m_tree.boxes.push_back(std::move(box));
    return static_cast<int>(m_tree.boxes.size()) - 1;
  }

  const TlsStory &m_story;
  KeyTree m_tree;
};

void addFinished13(TreeMaker &make, int client, int server) {
  const QString how = sayKey("HMAC over the handshake so far, with a key from the traffic secret");
  make.finished(true, how, "RFC 8446 section 4.4.4", "client handshake traffic",
                {1, 1, 3, {client}});
  make.finished(false, how, "RFC 8446 section 4.4.4", "server handshake traffic",
                {2, 1, 3, {server}});
}

void addTraffic13(TreeMaker &make, int master) {
  const QString how = sayKey("from the master secret and ClientHello..server Finished");
  const int client =
      make.secret(sayKey("client application traffic"), "client_application_traffic_secret_0", how,
                  "RFC 8446 section 7.1", "client application traffic", {3, 1, 2, {master}});
  const int server =
      make.secret(sayKey("server application traffic"), "server_application_traffic_secret_0", how,
                  "RFC 8446 section 7.1", "server application traffic", {4, 1, 2, {master}});
  make.secret(sayKey("exporter master secret"), "exporter_master_secret", how,
              "RFC 8446 section 7.5", {}, {5, 1, 2, {master}});
  const int resumption =
      make.secret(sayKey("resumption master secret"), "resumption_master_secret",
                  sayKey("from the master secret and ClientHello..client Finished"),
                  "RFC 8446 section 7.1", {}, {6, 1, 2, {master}});
  make.secret(sayKey("PSK for the next time"), "resumption PSK",
              sayKey("from the resumption master secret and a ticket's nonce"),
              "RFC 8446 section 4.6.1", {}, {6, 1, 3, {resumption}});
  for (const auto &[whose, parent, column] :
       {std::tuple{std::string_view("client"), client, 3}, {"server", server, 4}})
    if (const std::string name = make.updated(whose); !name.empty())
      make.secret(whose == "client" ? sayKey("client traffic, updated")
                                    : sayKey("server traffic, updated"),
                  name, {}, "RFC 8446 section 7.2", std::string(whose) + " application traffic",
                  {column, 1, 3, {parent}});
}

KeyTree tree13(const TlsStory &story) {
  TreeMaker make(story);
  const int psk = make.input(make.resumed() ? sayKey("PSK of a ticket") : sayKey("no PSK: zeros"),
                             "early secret", sayKey("what both ends have from before, if anything"),
                             "RFC 8446 section 2.2", {0, 1, 0, {}});
  const int shared = make.secret(sayKey("shared secret"), "shared secret",
                                 sayKey("own private key share with the peer's public one"),
                                 "RFC 8446 section 7.4", {}, {1, 2, 0, {}});
  const int zeros = make.input(sayKey("zeros"), "master secret", sayKey("nothing new goes in here"),
                               "RFC 8446 section 7.1", {3, 4, 0, {}});
  const int early = make.secret(sayKey("Early Secret"), "early secret",
                                sayKey("HKDF-Extract of the pre-shared key, or of zeros"),
                                "RFC 8446 section 7.1", {}, {0, 1, 1, {psk}});
  const int handshake =
      make.secret(sayKey("Handshake Secret"), "handshake secret",
                  sayKey("HKDF-Extract of the shared secret, salted by the early secret"),
                  "RFC 8446 section 7.1", {}, {1, 2, 1, {early, shared}});
  const int master = make.secret(sayKey("Master Secret"), "master secret",
                                 sayKey("HKDF-Extract of zeros, salted by the handshake secret"),
                                 "RFC 8446 section 7.1", {}, {3, 4, 1, {handshake, zeros}});
  make.secret(sayKey("client early traffic"), "client_early_traffic_secret",
              sayKey("only when early data is sent"), "RFC 8446 section 7.1",
              "client early traffic", {0, 1, 2, {early}});
  const QString how = sayKey("from the handshake secret and ClientHello..ServerHello");
  const int client =
      make.secret(sayKey("client handshake traffic"), "client_handshake_traffic_secret", how,
                  "RFC 8446 section 7.1", "client handshake traffic", {1, 1, 2, {handshake}});
  const int server =
      make.secret(sayKey("server handshake traffic"), "server_handshake_traffic_secret", how,
                  "RFC 8446 section 7.1", "server handshake traffic", {2, 1, 2, {handshake}});
  addFinished13(make, client, server);
  addTraffic13(make, master);
  return make.take();
}

KeyTree tree12(const TlsStory &story) {
  TreeMaker make(story);
  const bool resumed = story.how.find("resumed") != std::string::npos;
  const int premaster =
      make.secret(resumed ? sayKey("premaster secret: not needed") : sayKey("premaster secret"),
                  "premaster secret", sayKey("own private value with the peer's public one"),
                  "RFC 5246 section 8.1", {}, {0, 1, 0, {}});
  const int master = make.secret(sayKey("master secret"), "master secret",
                                 sayKey("from the premaster secret and the handshake"),
                                 "RFC 5246 section 8.1", {}, {1, 2, 0, {premaster}});
  const int block =
      make.block(sayKey("key block"),
                 {"client_write_key", "server_write_key", "client_write_IV", "server_write_IV"},
                 sayKey("from the master secret and both randoms, cut into pieces"),
                 "RFC 5246 section 6.3", {3, 4, 0, {master}});
  const QString how = sayKey("from the master secret and a hash of the handshake so far");
  make.finished(true, how, "RFC 5246 section 7.4.9", "client write key", {1, 1, 1, {master}});
  make.finished(false, how, "RFC 5246 section 7.4.9", "server write key", {2, 1, 1, {master}});
  const QString part = sayKey("a piece of the key block");
  int column = 3;
  for (const auto &[title, name, key] :
       {std::tuple{sayKey("client write key"), "client_write_key", "client write key"},
        {sayKey("server write key"), "server_write_key", "server write key"},
        {sayKey("client write IV"), "client_write_IV", "client write key"},
        {sayKey("server write IV"), "server_write_IV", "server write key"}})
    make.secret(title, name, part, "RFC 5246 section 6.3", key, {column++, 1, 1, {block}});
  return make.take();
}

} // namespace

int KeyTree::newest() const {
  int best = -1;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const bool later =
        best < 0 || boxes[i].when.sequence >= boxes[static_cast<std::size_t>(best)].when.sequence;
    if (boxes[i].exists && !boxes[i].value.isEmpty() && later) best = static_cast<int>(i);
  }
  return best;
}

KeyTree keyTree(const TlsStory &story, bool tls12) { return tls12 ? tree12(story) : tree13(story); }

KeyLayout layoutKeys(const KeyTree &tree, double width, const KeyMeasures &m) {
  KeyLayout out;
  const double inner = width - 2 * m.margin - (tree.columns - 1) * m.gapX;
  const double column = std::max(m.columnMin, inner / tree.columns);
  for (const KeyBox &box : tree.boxes) {
    const double left = m.margin + box.column * (column + m.gapX);
    const double room = box.span * column + (box.span - 1) * m.gapX;
    const double wide = std::min(room, m.boxMax);
    out.boxes.emplace_back(left + (room - wide) / 2, m.margin + box.row * (m.boxHeight + m.gapY),
                           wide, m.boxHeight);
  }
  out.size = {2 * m.margin + tree.columns * column + (tree.columns - 1) * m.gapX,
              2 * m.margin + tree.rows * m.boxHeight + (tree.rows - 1) * m.gapY};
  return out;
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secure/security_words.h"

#include "core/programs/secure.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <array>

namespace packetarium::ui {
namespace {

QString sayStep(const char *text) {
  return QCoreApplication::translate("packetarium::ui::Security", text);
}

struct StepWords {
  int number;
  std::string_view milestone;
  const char *title, *caption12, *caption13;
};

// Titles as courses have them, captions as it is.
constexpr StepWords stepWords[] = {
    {1, "tls.client-hello", QT_TRANSLATE_NOOP("packetarium::ui::Security", "Client hello"),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "The client offers versions, cipher suites and groups, names the host it "
                       "wants, and adds a random number. All of it in clear."),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "The client offers versions, cipher suites and groups, names the host it "
                       "wants, and already sends a key share: a public value, in clear.")},
    {2, "tls.server-hello", QT_TRANSLATE_NOOP("packetarium::ui::Security", "Server hello"),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "The server chooses version and suite from the client's offer. Its "
                       "certificate and its signed key share follow as messages of their own, in "
                       "clear."),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "The server chooses version, suite and group from the client's offer, and "
                       "sends its own key share in clear. The certificate is not in it: it is a "
                       "message of its own.")},
    {3, "tls.certificate-verification",
     QT_TRANSLATE_NOOP("packetarium::ui::Security", "Certificate verification"),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "The client checks chain, validity, name and purpose. The signature over "
                       "the key share and both randoms proves that the server possesses the "
                       "certificate's key."),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "The client checks chain, validity, name and purpose. CertificateVerify, a "
                       "signature over this very handshake, proves possession of the certificate's "
                       "key. Courses tell it third; here keys exist already, and encrypt it.")},
    {4, "tls.session-keys",
     QT_TRANSLATE_NOOP("packetarium::ui::Security", "Session key generation"),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "Both public key shares give the premaster secret, that the master secret, "
                       "and that the keys. Each end derives them by itself: no key travels."),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "Courses tell it fourth. In TLS 1.3 the two key shares are enough: each end "
                       "derives the same keys before the certificate travels. No key travels.")},
    {5, "tls.client-finished", QT_TRANSLATE_NOOP("packetarium::ui::Security", "Client finished"),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "A value over all messages so far, made with the master secret and sent "
                       "encrypted. If anybody had changed one of them, it would not fit."),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "A value over all messages so far. In TLS 1.3 it comes after the server's, "
                       "and the client need not wait for an answer before it sends data.")},
    {6, "tls.server-finished", QT_TRANSLATE_NOOP("packetarium::ui::Security", "Server finished"),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "The server's value over all messages. Now both have shown that they saw "
                       "the same handshake and have the same keys."),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "Told last, but in TLS 1.3 the server finishes first, in the same flight as "
                       "its hello: that saves a round trip.")},
    {7, "tls.secure-transfer", QT_TRANSLATE_NOOP("packetarium::ui::Security", "Secure transfer"),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "HTTP speaks as always; on the way one sees sizes and times only."),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "HTTP speaks as always; on the way one sees sizes and times only.")},
    {8, "tls.session-termination",
     QT_TRANSLATE_NOOP("packetarium::ui::Security", "Session termination"),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "close_notify says that nothing was cut off. The end of a TCP connection "
                       "alone could be anybody's doing."),
     QT_TRANSLATE_NOOP("packetarium::ui::Security",
                       "close_notify says that nothing was cut off. The end of a TCP connection "
                       "alone could be anybody's doing.")},
};

// By course number.
constexpr std::array<int, 8> order12 = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::array<int, 8> order13 = {1, 2, 4, 6, 3, 5, 7, 8};

} // namespace

QColor keyColour(const Theme &theme, std::string_view key) {
  if (key.empty() || key == "no key") return theme.dim;
  const bool server = key.starts_with("server");
  if (key.find("early") != std::string_view::npos) return theme.warn;
  if (key.find("handshake") != std::string_view::npos) return server ? theme.ip : theme.accent;
  return server ? theme.tls : theme.good;
}

QString keyWords(std::string_view key) {
  if (key.empty() || key == "no key") return sayStep("in clear");
  QString words = QString::fromUtf8(key.data(), static_cast<int>(key.size()));
  if (!words.endsWith(QStringLiteral("key"))) words += sayStep(" key");
  return words;
}

QString dotted(const QStringList &parts) {
  QStringList kept = parts;
  kept.removeAll(QString());
  return kept.join(QStringLiteral("  ·  "));
}

Sourced sourced(const std::string &detail) {
  const QString text = QString::fromStdString(detail);
  const qsizetype open = text.lastIndexOf(QStringLiteral("(RFC "));
  if (open < 0 || !text.endsWith(QLatin1Char(')'))) return {text, {}};
  return {text.left(open).trimmed(), text.mid(open + 1, text.size() - open - 2)};
}

QString calendarWords(std::int64_t seconds) {
  return QString::fromStdString(programs::calendarText(seconds)) + QStringLiteral(" UTC");
}

QString shortHex(const QString &hex, int bytes) {
  QString out;
  for (int i = 0; i < bytes && 2 * i + 1 < hex.size(); ++i)
    out += (i > 0 ? QStringLiteral(" ") : QString()) + hex.mid(2 * i, 2);
  return hex.size() > 2 * bytes ? out + QStringLiteral(" …") : out;
}

std::vector<CourseStep> courseSteps(const analysis::TlsStory &story, bool tls12) {
  std::vector<CourseStep> steps;
  for (const int number : tls12 ? order12 : order13) {
    const StepWords &words = stepWords[number - 1];
    CourseStep step{
        number, sayStep(words.title), sayStep(tls12 ? words.caption12 : words.caption13), {}};
    if (const auto *phase = story.phase(words.milestone)) step.when = phase->when;
    steps.push_back(std::move(step));
  }
  std::stable_sort(steps.begin(), steps.end(), [](const CourseStep &a, const CourseStep &b) {
    if (!a.when.known() || !b.when.known()) return a.when.known() && !b.when.known();
    return a.when.sequence < b.when.sequence;
  });
  return steps;
}

QString layerWords() {
  return sayStep("Courses put TLS at layer 5, because it has sessions, or at layer 6, because it "
                 "encrypts. In truth it sits between transport and application: TCP carries it, "
                 "HTTP speaks through it, and neither knows.");
}

SecurityState securityState(const analysis::TlsStory &story) {
  using Kind = SecurityState::Kind;
  if (story.isRead()) return {Kind::Read, sayStep("read in between")};
  if (!story.failure.empty()) return {Kind::Failed, sayStep("failed")};
  if (story.closed.known()) return {Kind::Closed, sayStep("closed")};
  const bool here = story.clientReady.known() || (!story.hasClient && story.serverReady.known());
  if (here) return {Kind::Established, sayStep("established")};
  if (story.lines.empty()) return {Kind::Begun, sayStep("connected")};
  return {Kind::Handshake, sayStep("handshake")};
}

QString roundTripWords(const analysis::TlsStory &story) {
  if (story.early) return sayStep("0 round trips: early data went along");
  const bool over = story.clientReady.known() || story.serverReady.known();
  const QString count = story.roundTrips == 1 ? sayStep("1 round trip")
                                              : sayStep("%1 round trips").arg(story.roundTrips);
  return over ? count + sayStep(" before data") : count + sayStep(" so far");
}

} // namespace packetarium::ui

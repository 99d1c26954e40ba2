// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "tests/ui/real/loopback.h"
#include "ui/real/connect_dialog.h"
#include "ui/real/handshake_comparison.h"
#include "ui/real/phase_bars.h"
#include "ui/shell/main_window.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTest>

#include <algorithm>

using namespace packetarium::ui;

namespace {

struct Rig {
  ThemeHub hub{ThemeChoice::Light};
  ConnectDialog dialog{hub};

  Rig() {
    dialog.show();
    REQUIRE(QTest::qWaitForWindowExposed(&dialog));
  }
  QLineEdit &host() {
    for (QLineEdit *line : dialog.findChildren<QLineEdit *>())
      if (line->accessibleName() == "Host") return *line;
    FAIL("there is no field for the host");
    std::abort();
  }
  QPushButton &button() {
    for (QPushButton *push : dialog.findChildren<QPushButton *>())
      if (push->text() == "Connect" || push->text() == "Cancel") return *push;
    FAIL("there is no button");
    std::abort();
  }
  QCheckBox &box(const QString &text) {
    for (QCheckBox *check : dialog.findChildren<QCheckBox *>())
      if (check->text().startsWith(text)) return *check;
    FAIL("no such box");
    std::abort();
  }
  bool says(const QString &text) {
    const auto labels = dialog.findChildren<QLabel *>();
    return std::any_of(labels.begin(), labels.end(), [&](QLabel *label) {
      return label->isVisible() && label->text().contains(text);
    });
  }
  void waitForEnd() {
    REQUIRE(
        QTest::qWaitFor([&] { return dialog.state() != ConnectDialog::State::Working; }, 20'000));
  }
};

HandshakeFacts simulated() {
  HandshakeFacts facts;
  facts.title = "browser to web server";
  facts.version = {"TLS 1.3", {}};
  facts.suite = {"TLS_AES_128_GCM_SHA256", {}};
  facts.group = {"X25519", {}};
  facts.alpn = {"http/1.1", {}};
  facts.phases = {{HandshakePhase::Tcp, 0, 40'000'000}, {HandshakePhase::Tls, 40'000'000, 1}};
  facts.chain.resize(1);
  facts.chain.front().subject = "www.example.org";
  return facts;
}

} // namespace

TEST_CASE("typing a host contacts nobody; Return does, and the result stands there") {
  LoopbackServer server(serverConfiguration());
  Rig rig;
  CHECK(rig.dialog.state() == ConnectDialog::State::Empty);
  CHECK(rig.says("only when you press Connect"));
  QTest::keyClicks(&rig.host(), QStringLiteral("localhost:%1").arg(server.port()));
  QTest::qWait(100);
  CHECK(server.contacts == 0);
  rig.box("Break off").setChecked(false);
  QSignalSpy contacted(&rig.dialog, &ConnectDialog::contacted);
  QTest::keyClick(&rig.host(), Qt::Key_Return);
  CHECK(rig.dialog.state() == ConnectDialog::State::Working);
  CHECK(rig.button().text() == "Cancel");
  rig.waitForEnd();
  CHECK(server.contacts == 1);
  CHECK(contacted.size() == 1);
  REQUIRE(rig.dialog.state() == ConnectDialog::State::Result);
  CHECK(rig.dialog.real()->suiteInOpenssl == server.cipher.name());
  CHECK(rig.host().text() == "localhost");
  CHECK(rig.says("not trusted"));
  CHECK(rig.says("Loopback Intermediate"));
  CHECK(rig.dialog.findChildren<PhaseBars *>().size() == 1);
  CHECK(rig.button().text() == "Connect");
}

TEST_CASE("an untrusted chain is broken off unless the box says otherwise") {
  LoopbackServer server(serverConfiguration());
  Rig rig;
  rig.dialog.setTarget("localhost", server.port());
  rig.button().click();
  rig.waitForEnd();
  REQUIRE(rig.dialog.state() == ConnectDialog::State::Result);
  CHECK(rig.dialog.real()->outcome == Outcome::BrokenOff);
  CHECK(rig.says("closed before anything was asked"));
}

TEST_CASE("the simulated handshake stands beside the real one and differences are marked") {
  LoopbackServer server(serverConfiguration());
  Rig rig;
  CHECK(rig.says("Play an HTTPS scenario"));
  rig.dialog.setSimulated(simulated());
  CHECK_FALSE(rig.says("Play an HTTPS scenario"));
  CHECK(rig.dialog.comparison().differences().isEmpty());
  rig.dialog.setTarget("localhost", server.port());
  rig.button().click();
  rig.waitForEnd();
  CHECK(rig.dialog.findChildren<PhaseBars *>().size() == 2);
  const QStringList &differences = rig.dialog.comparison().differences();
  CHECK(differences.contains("Server name"));
  CHECK_FALSE(differences.contains("Version"));
  CHECK_FALSE(differences.contains("Key exchange"));
  CHECK_FALSE(differences.contains("ALPN"));
  CHECK(rig.says(QStringLiteral("≠")));
  rig.dialog.setSimulated(std::nullopt);
  CHECK(rig.says("Play an HTTPS scenario"));
}

TEST_CASE("what is no host is said at its field, and nobody is contacted") {
  Rig rig;
  QSignalSpy contacted(&rig.dialog, &ConnectDialog::contacted);
  rig.dialog.setTarget("no host", 443);
  rig.button().click();
  CHECK(rig.dialog.state() == ConnectDialog::State::Empty);
  CHECK(contacted.isEmpty());
  CHECK(rig.says("neither a host's name nor an address"));
  QTest::keyClicks(&rig.host(), "x");
  CHECK_FALSE(rig.says("neither a host's name nor an address"));
}

TEST_CASE("a failure says where and why; cancel and closing break off") {
  Rig rig;
  rig.dialog.setTarget("127.0.0.1", deafPort());
  rig.button().click();
  rig.waitForEnd();
  CHECK(rig.dialog.state() == ConnectDialog::State::Failed);
  CHECK(rig.says("refuses connections"));
  CHECK(rig.says("ended here"));

  QTcpServer silent;
  REQUIRE(silent.listen(QHostAddress::LocalHost));
  rig.dialog.setTarget("127.0.0.1", silent.serverPort());
  rig.button().click();
  REQUIRE(QTest::qWaitFor([&] { return rig.says("under way"); }, 5000));
  rig.button().click();
  rig.waitForEnd();
  CHECK(rig.dialog.real()->outcome == Outcome::Cancelled);
  rig.button().click();
  QTest::keyClick(&rig.dialog, Qt::Key_Escape);
  rig.waitForEnd();
  CHECK(rig.dialog.isHidden());
  CHECK(rig.dialog.real()->outcome == Outcome::Cancelled);
}

TEST_CASE("destroying the dialog while it waits for a server") {
  QTcpServer silent;
  REQUIRE(silent.listen(QHostAddress::LocalHost));
  Rig rig;
  rig.dialog.setTarget("127.0.0.1", silent.serverPort());
  rig.button().click();
  REQUIRE(QTest::qWaitFor([&] { return rig.says("under way"); }, 5000));
}

TEST_CASE("the window's menu opens it, and only its opening") {
  LoopbackServer server(serverConfiguration());
  ThemeHub hub(ThemeChoice::Dark);
  MainWindow window(hub, Remember::No);
  window.show();
  REQUIRE(QTest::qWaitForWindowActive(&window));
  QTest::keyClick(&window, Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
  ConnectDialog &dialog = window.connectDialog();
  CHECK(dialog.isVisible());
  CHECK(dialog.state() == ConnectDialog::State::Empty);
  dialog.setTarget("localhost", server.port());
  QTest::qWait(50);
  CHECK(server.contacts == 0);
}

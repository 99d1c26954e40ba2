// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/real/real_handshake.h"

#include <QProcess>

using namespace packetarium::ui;

TEST_CASE("the name of every suite with a certificate is the one that openssl knows") {
  QProcess openssl;
  openssl.start("openssl", {"ciphers", "-stdname", "ALL:COMPLEMENTOFALL"});
  REQUIRE(openssl.waitForFinished(30'000));
  int checked = 0;
  for (const QString &line :
       QString::fromUtf8(openssl.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts)) {
    const QStringList words = line.split(u' ', Qt::SkipEmptyParts);
    REQUIRE(words.size() > 2);
    const QString &iana = words[0];
    const QString &name = words[2];
    if (iana.contains("PSK") || iana.contains("SRP") || iana.contains("anon")) continue;
    CHECK(ianaSuiteName(name).toStdString() == iana.toStdString());
    ++checked;
  }
  CHECK(checked >= 30);
  CHECK(ianaSuiteName("PSK-AES128-GCM-SHA256") == "PSK-AES128-GCM-SHA256");
}

TEST_CASE("a host is read as people write and paste it") {
  const auto read = [](const char *text) {
    const auto target = targetOf(QString::fromUtf8(text), 443);
    return target ? textOf(*target).toStdString() : "";
  };
  CHECK(read("example.org") == "example.org:443");
  CHECK(read("  Example.ORG ") == "example.org:443");
  CHECK(read("example.org:8443") == "example.org:8443");
  CHECK(read("https://example.org/a?b#c") == "example.org:443");
  CHECK(read("https://example.org:444/") == "example.org:444");
  CHECK(read("bücher.example") == "xn--bcher-kva.example:443");
  CHECK(read("192.0.2.1") == "192.0.2.1:443");
  CHECK(read("2001:db8::1") == "[2001:db8::1]:443");
  CHECK(read("[2001:db8::1]") == "[2001:db8::1]:443");
  CHECK(read("[2001:db8::1]:8443") == "[2001:db8::1]:8443");
  for (const char *wrong : {"", "  ", "a b", "https://", "example.org:99999", "exa mple.org:1"})
    CHECK(read(wrong).empty());
  CHECK_FALSE(targetOf("example.org", 0));
}

TEST_CASE("facts that differ are told by their value, not by their remark") {
  CHECK_FALSE(differ({"TLS 1.3", "a"}, {"tls 1.3", "b"}));
  CHECK(differ({"TLS 1.3", {}}, {"TLS 1.2", {}}));
  CHECK(rowsOf({}).size() == rowsOf(factsOf({})).size());
  for (const FactRow &row : rowsOf({})) CHECK(row.fact.value == QStringLiteral("–"));
}

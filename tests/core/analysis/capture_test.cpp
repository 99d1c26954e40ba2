// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/capture.h"
#include "core/analysis/delivery.h"
#include "core/wire/codec.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/core/wire/tshark.h"
#include "tests/support/catch.h"

#include <cmath>
#include <set>
#include <sstream>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using trace::RecordKind;

namespace {

void write(const Run &run, std::ostream &out) {
  CaptureWriter capture(out, run.sharedNetwork());
  for (const auto &slot : run.trace.slots()) capture.add(*slot.chunk);
  REQUIRE(capture.good());
}

/// time, interface name and length of every captured frame, as the records say.
std::vector<std::string> expected(const Run &run) {
  std::vector<std::string> out;
  const auto line = [&](const trace::Record &r, std::uint32_t link, int end, std::uint32_t bytes) {
    const auto &at = run.network().links[link].ends[static_cast<std::size_t>(end)];
    const auto &node = run.network().nodes[at.node.value];
    out.push_back(std::to_string(r.at.ns()) + " " + node.id + ":" +
                  node.interfaces[at.interface].name + " " + std::to_string(bytes));
  };
  run.forEach([&](const trace::Record &r, trace::Sequence) {
    if (r.kind == RecordKind::FrameSent)
      line(r, r.link, trace::sendingEnd(r), trace::sentArgs(r).frameBytes);
    if (r.kind != RecordKind::FrameReceived) return;
    const trace::Record &sent = *run.trace.record(r.args[0]);
    line(r, r.link, 1 - trace::sendingEnd(sent), trace::sentArgs(sent).frameBytes);
  });
  return out;
}

std::string digits(const std::string &seconds) { // "1.000000005" in nanoseconds
  std::string ns = seconds;
  std::erase(ns, '.');
  const std::size_t zeros = ns.find_first_not_of('0');
  return zeros == std::string::npos ? "0" : ns.substr(zeros);
}

} // namespace

TEST_CASE("tshark sees each frame at both ends of its link, at the instants of the trace") {
  if (!tshark::present()) {
    WARN("tshark is not installed");
    return;
  }
  for (const Run *run : {&fixture::webRequest(), &fixture::twoPaths()}) {
    tshark::Capture file("analysis-capture");
    write(*run, file.out());
    const std::string table =
        file.read("-T fields -e frame.time_epoch -e frame.interface_name -e frame.len");
    std::vector<std::string> seen;
    for (const std::string &line : tshark::split(table, '\n')) {
      const auto fields = tshark::split(line, '\t');
      if (fields.size() < 3) continue;
      seen.push_back(digits(fields[0]) + " " + fields[1] + " " + fields[2]);
    }
    CHECK(seen == expected(*run));
  }
}

TEST_CASE("tshark finds nothing malformed and no bad checksum") {
  if (!tshark::present()) {
    WARN("tshark is not installed");
    return;
  }
  for (const Run *run : {&fixture::webRequest(), &fixture::lossyLink(), &fixture::twoPaths()}) {
    tshark::Capture file("analysis-sound");
    write(*run, file.out());
    CHECK(file.read("-Y '_ws.malformed || ip.checksum.status == \"Bad\" || "
                    "tcp.checksum.status == \"Bad\" || udp.checksum.status == \"Bad\" || "
                    "icmp.checksum.status == \"Bad\"'") == "");
  }
}

TEST_CASE("A capture does not depend on how the run was cut into chunks") {
  const SimTime until = SimTime::fromNs(3'000'000'000);
  std::ostringstream small, large;
  write(fixture::run("web-request", until, 10), small);
  write(fixture::run("web-request", until), large);
  CHECK(small.str().size() > 20'000);
  CHECK(small.str() == large.str());
}

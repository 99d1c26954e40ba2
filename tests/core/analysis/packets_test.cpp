// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/packets.h"
#include "core/wire/dissect.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

#include <set>

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using trace::RecordKind;

namespace {

PacketList listOf(const Run &run, PacketRows rows = PacketRows::Origins) {
  PacketList list(rows);
  list.extend(run.trace);
  return list;
}

bool same(const PacketList &a, const PacketList &b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a.sentOf(i) != b.sentOf(i) || a.reasonOf(i) != b.reasonOf(i) ||
        a.originOf(i) != b.originOf(i) || a.retransmissionAt(i) != b.retransmissionAt(i))
      return false;
  return true;
}

} // namespace

TEST_CASE("There is a row for every packet, at its first sending") {
  for (const Run *run : {&fixture::webRequest(), &fixture::lossyLink()}) {
    const PacketList list = listOf(*run);
    std::set<PacketId> born, lost, again;
    std::vector<trace::Sequence> first;
    run->forEach([&](const trace::Record &r, trace::Sequence s) {
      const wire::Packet *form = r.packet != 0 ? run->trace.packet(r.packet) : nullptr;
      if (r.kind == RecordKind::FrameSent && born.insert(form->origin).second) first.push_back(s);
      const auto reason = static_cast<trace::DropReason>(r.detail);
      if (r.kind == RecordKind::FrameDropped && reason != trace::DropReason::NotForMe)
        lost.insert(form->origin);
      if (r.kind == RecordKind::TcpRetransmit) again.insert(r.packet);
    });
    REQUIRE(list.size() == first.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      const PacketRow row = list.row(i, run->trace, run->network());
      REQUIRE(row.sent == first[i]);
      REQUIRE(row.number == i + 1);
      REQUIRE(row.dropped == lost.contains(row.origin));
      REQUIRE(row.retransmission == again.contains(row.origin));
      REQUIRE(list.rowOfOrigin(row.origin) == i);
      REQUIRE(list.rowOfSent(row.sent) == i);
      REQUIRE(list.rowsUpTo(row.sent) == i + 1);
      REQUIRE(list.rowsUpTo(row.sent - 1) == i);
      REQUIRE(row.info == wire::shortInfo(*list.packetAt(i, run->trace)));
    }
  }
}

TEST_CASE("Row by frame there is one for every crossing of a link") {
  const Run &run = fixture::lossyLink();
  const PacketList list = listOf(run, PacketRows::Frames);
  std::size_t sent = 0, lostOnLink = 0, marked = 0;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.kind == RecordKind::FrameSent) {
      REQUIRE(list.sentOf(sent) == s);
      ++sent;
    }
    if (r.kind != RecordKind::FrameDropped || r.args[0] == 0) return;
    const auto row = list.rowOfSent(r.args[0]);
    REQUIRE(row);
    CHECK(static_cast<std::uint16_t>(list.reasonOf(*row)) == r.detail);
    ++lostOnLink;
  });
  CHECK(list.size() == sent);
  for (std::size_t i = 0; i < list.size(); ++i)
    marked += list.reasonOf(i) != trace::DropReason::None ? 1 : 0;
  CHECK(marked >= lostOnLink);
}

TEST_CASE("The first row of the web request is the question of ARP") {
  const Run &run = fixture::webRequest();
  const PacketList list = listOf(run);
  const PacketRow row = list.row(0, run.trace, run.network());
  CHECK(row.protocol == static_cast<std::uint8_t>(wire::ProtocolClass::Arp));
  CHECK(row.destination == "Broadcast");
  CHECK(row.sourceName == "browser");
  CHECK(row.length == 60);
  CHECK(row.info == "Who has 192.168.1.1? Tell 192.168.1.10");
}

TEST_CASE("After an edit the list is as if the run had always gone so") {
  for (const Run *run : {&fixture::webRequest(), &fixture::twoPaths()}) {
    PacketList list = listOf(*run);
    for (const std::size_t slot : {run->trace.slots().size() - 1, run->trace.slots().size() / 2,
                                   std::size_t{1}, std::size_t{0}}) {
      trace::Trace part = run->trace;
      part.truncate(run->trace.slots()[slot].summary.first);
      PacketList fresh;
      fresh.extend(part);
      list.truncate(run->trace.slots()[slot].summary.first);
      REQUIRE(same(list, fresh));
      list.extend(run->trace);
      REQUIRE(same(list, listOf(*run)));
    }
  }
}

TEST_CASE("A row whose chunk was dropped is pending and names the slot") {
  Run run = fixture::webRequest();
  const PacketList list = listOf(run);
  const std::size_t slot = run.trace.slotOf(list.sentOf(10));
  run.trace.drop(slot);
  std::size_t wanted = 0;
  const PacketRow row = list.row(10, run.trace, run.network(), &wanted);
  CHECK(row.pending);
  CHECK(wanted == slot);
  CHECK_FALSE(list.packetAt(10, run.trace));
}

TEST_CASE("A view hears from which row on something changed") {
  const Run &run = fixture::lossyLink();
  PacketList list;
  for (const auto &slot : run.trace.slots()) {
    std::vector<std::uint16_t> before;
    for (std::size_t i = 0; i < list.size(); ++i)
      before.push_back(static_cast<std::uint16_t>(list.reasonOf(i)));
    list.takeFirstChanged();
    list.add(*slot.chunk);
    const std::size_t first = list.takeFirstChanged();
    for (std::size_t i = 0; i < std::min(first, before.size()); ++i)
      REQUIRE(static_cast<std::uint16_t>(list.reasonOf(i)) == before[i]);
    CHECK(list.takeFirstChanged() == list.size());
  }
}

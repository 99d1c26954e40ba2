// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/delivery.h"
#include "core/analysis/why.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;
using trace::RecordKind;

namespace {

std::string text(const Why &why) {
  std::string out = why.answer + "\n";
  for (const WhyStep &s : why.chain) out += s.sentence + "\n";
  return out;
}

bool has(const std::string &whole, const std::string &part) {
  return whole.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("A packet lost after a cut: the chain names the cut link and when it was cut") {
  const Run &run = fixture::twoPaths();
  const auto cut = run.find(
      [](const trace::Record &r) { return r.kind == RecordKind::LinkState && r.detail == 0; });
  REQUIRE(cut != 0);
  const trace::Record &fault = *run.trace.record(cut);
  const auto drop = run.find([&](const trace::Record &r) {
    return r.kind == RecordKind::FrameDropped && r.at > fault.at &&
           static_cast<trace::DropReason>(r.detail) == trace::DropReason::NoCarrier;
  });
  REQUIRE(drop != 0);
  const Why why = whyOf(run.trace, run.network(), drop);
  CHECK(why.question == "Why was this packet lost?");
  CHECK(has(why.answer, "cut"));
  const auto step = std::find_if(why.chain.begin(), why.chain.end(),
                                 [&](const WhyStep &s) { return s.sequence == cut; });
  REQUIRE(step != why.chain.end());
  CHECK(step->at == fault.at);
  CHECK(has(step->sentence, "was cut"));
}

TEST_CASE("A retransmission names what became of the first copy") {
  const Run &run = fixture::lossyLink();
  int told = 0;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.kind != RecordKind::TcpRetransmit || told >= 10) return;
    const Why why = whyOf(run.trace, run.network(), s);
    const wire::Packet &again = *run.trace.packet(r.packet);
    for (const WhyStep &step : why.chain) {
      if (!has(step.sentence, "The first copy")) continue;
      const trace::Record &drop = *run.trace.record(step.sequence);
      REQUIRE(drop.kind == RecordKind::FrameDropped);
      CHECK(run.trace.packet(drop.packet)->tcp.sequence == again.tcp.sequence);
      CHECK(drop.at < r.at);
      ++told;
    }
  });
  CHECK(told >= 3);
}

TEST_CASE("A request's chain goes back to its own beginning and no further") {
  const Run &run = fixture::webRequest();
  int requests = 0;
  run.forEach([&](const trace::Record &r, trace::Sequence s) {
    if (r.kind != RecordKind::RequestEnded) return;
    const Why why = whyOf(run.trace, run.network(), s);
    REQUIRE_FALSE(why.chain.empty());
    const trace::Record &first = *run.trace.record(why.chain.back().sequence);
    CHECK(first.kind == RecordKind::RequestStarted);
    CHECK(first.args[0] == r.args[0]);
    CHECK(first.node == r.node);
    CHECK(has(text(why), "GET /index.html"));
    ++requests;
  });
  CHECK(requests >= 2);
}

TEST_CASE("Times in a chain never rise, and every sentence ends") {
  for (const Run *run : {&fixture::webRequest(), &fixture::lossyLink(), &fixture::twoPaths()})
    run->forEach([&](const trace::Record &r, trace::Sequence s) {
      const bool asked =
          r.kind == RecordKind::FrameDropped || r.kind == RecordKind::RequestEnded || s % 97 == 0;
      if (!asked) return;
      const Why why = whyOf(run->trace, run->network(), s);
      REQUIRE(why.complete);
      REQUIRE_FALSE(why.chain.empty());
      for (const WhyStep &step : why.chain) {
        REQUIRE(step.at <= r.at);
        REQUIRE_FALSE(step.sentence.empty());
        REQUIRE(step.sentence.back() == '.');
      }
    });
}

TEST_CASE("Every record of a run can be described") {
  for (const Run *run : {&fixture::webRequest(), &fixture::lossyLink(), &fixture::twoPaths()})
    run->forEach([&](const trace::Record &r, trace::Sequence s) {
      const std::string text = describeRecord(run->trace, run->network(), s);
      CAPTURE(trace::name(r.kind));
      REQUIRE_FALSE(text.empty());
      REQUIRE_FALSE(has(text, "nobody "));
    });
}

TEST_CASE("A chain that leads into a dropped chunk asks for it") {
  Run run = fixture::webRequest();
  const auto ended =
      run.find([](const trace::Record &r) { return r.kind == RecordKind::RequestEnded; });
  const std::size_t slot = run.trace.slotOf(ended);
  REQUIRE(slot > 1);
  run.trace.drop(slot - 1);
  const Why why = whyOf(run.trace, run.network(), ended);
  CHECK_FALSE(why.complete);
  CHECK(why.pendingSlot == slot - 1);
}

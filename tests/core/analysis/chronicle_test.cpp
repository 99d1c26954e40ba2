// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/chronicle.h"
#include "tests/core/analysis/run_fixture.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::analysis;
using fixture::Run;

namespace {

bool same(const Chronicle &a, const Chronicle &b) {
  if (a.phases().size() != b.phases().size() || a.requests().size() != b.requests().size() ||
      a.notes().size() != b.notes().size() || a.changes().size() != b.changes().size())
    return false;
  for (std::size_t i = 0; i < a.phases().size(); ++i)
    if (a.phases()[i].sequence != b.phases()[i].sequence ||
        a.phases()[i].nth != b.phases()[i].nth ||
        a.text(a.phases()[i].milestone) != b.text(b.phases()[i].milestone))
      return false;
  for (std::size_t i = 0; i < a.requests().size(); ++i)
    if (a.requests()[i].started != b.requests()[i].started ||
        a.requests()[i].ended != b.requests()[i].ended)
      return false;
  return true;
}

} // namespace

TEST_CASE("A chronicle that was cut back and grown again equals one made at once") {
  for (const Run *run : {&fixture::webRequest(), &fixture::twoPaths()}) {
    Chronicle chronicle = run->chronicle;
    for (std::size_t slot = run->trace.slots().size(); slot-- > 0;) {
      const auto from = run->trace.slots()[slot].summary.first;
      trace::Trace part = run->trace;
      part.truncate(from);
      Chronicle fresh;
      fresh.extend(part);
      chronicle.truncate(from);
      REQUIRE(same(chronicle, fresh));
      if (slot % 7 == 0) {
        chronicle.extend(run->trace);
        REQUIRE(same(chronicle, run->chronicle));
      }
    }
  }
}

TEST_CASE("Requests carry their outcome and latency") {
  const Run &run = fixture::webRequest();
  REQUIRE(run.chronicle.requests().size() >= 2);
  const RequestMark &first = run.chronicle.requests().front();
  CHECK(run.chronicle.text(first.what) == "http://www.example.com/index.html");
  CHECK(first.outcome == trace::RequestOutcome::Ok);
  CHECK(first.latency == first.endedAt - first.startedAt);
  CHECK_FALSE(first.open());
}

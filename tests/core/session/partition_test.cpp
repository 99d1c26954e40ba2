// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/session/runner.h"
#include "core/trace/chunk.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace packetarium;

namespace {

struct EndedRequest {
  double at = 0;
  std::string client;
  bool ok = false;
};

/// What a built-in scenario tells about requests and the milestones of its stores.
struct CutStory {
  std::vector<EndedRequest> requests;
  std::vector<std::pair<double, std::string>> phases;

  std::size_t count(const std::string &client, double from, double until, bool ok) const {
    return static_cast<std::size_t>(
        std::count_if(requests.begin(), requests.end(), [&](const EndedRequest &r) {
          return r.client == client && r.at >= from && r.at < until && r.ok == ok;
        }));
  }
  std::size_t phasesIn(const std::string &milestone, double from, double until) const {
    return static_cast<std::size_t>(std::count_if(phases.begin(), phases.end(), [&](const auto &p) {
      return p.second == milestone && p.first >= from && p.first < until;
    }));
  }
};

void addTo(CutStory &story, const trace::Chunk &chunk, const net::Blueprint &network) {
  for (const trace::Record &r : chunk.records) {
    const double at = r.at.toSeconds();
    if (r.kind == trace::RecordKind::RequestEnded)
      story.requests.push_back({at, network.nodes[r.node].id, r.detail == 0});
    if (r.kind == trace::RecordKind::Phase)
      story.phases.emplace_back(at, std::string(chunk.text(r.args[0])));
  }
}

CutStory storyOf(const std::string &id, const std::vector<std::string> &settings = {}) {
  auto document = scenario::loadBuiltIn(id);
  REQUIRE(document.ok());
  for (const std::string &setting : settings)
    REQUIRE(scenario::applySetting(document.value(), setting).ok());
  const auto built = scenario::build(*document);
  REQUIRE(built.ok());
  const SimTime end = SimTime::zero() + document->duration;
  session::Runner runner(built->plan, built->script, end);
  CutStory story;
  while (!runner.ended()) {
    runner.advance(end, 100'000);
    for (const auto &chunk : runner.takeChunks()) addTo(story, *chunk, built->plan->network);
  }
  return story;
}

} // namespace

TEST_CASE("The available store answers both sides of the cut, and has siblings afterwards") {
  const CutStory story = storyOf("ap-partition");
  for (const char *client : {"west-shoppers", "east-shoppers"}) {
    CHECK(story.count(client, 0, 40, false) == 0);
    CHECK(story.count(client, 9, 20, true) > 20);
  }
  CHECK(story.phasesIn("quorum.hint-kept", 8, 20) > 5);
  CHECK(story.phasesIn("quorum.hint-handed", 20, 22) == story.phasesIn("quorum.hint-kept", 0, 32));
  CHECK(story.phasesIn("quorum.conflict", 20, 22) > 3);
}

TEST_CASE("The consistent store answers the larger side of the cut alone, and both afterwards") {
  const CutStory story = storyOf("cp-partition");
  CHECK(story.count("east-shoppers", 9, 20, true) == 0);
  CHECK(story.count("east-shoppers", 9, 20, false) > 5);
  CHECK(story.count("west-shoppers", 9, 20, true) > 20);
  CHECK(story.count("west-shoppers", 9, 20, false) == 0);
  CHECK(story.count("east-shoppers", 22, 32, true) > 10);
  CHECK(story.count("east-shoppers", 22, 32, false) == 0);
}

TEST_CASE("Members that crash or come back empty stop no key of the quorum store") {
  const CutStory story = storyOf("quorums");
  CHECK(story.count("writers", 0, 40, false) == 0);
  CHECK(story.count("readers", 0, 40, false) == 0);
  CHECK(story.phasesIn("quorum.hint-handed", 18, 19) > 3);
  CHECK(story.phasesIn("quorum.repaired", 27, 36) > 3);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/chunk.h"
#include "tests/support/catch.h"

#include <vector>

using namespace packetarium;
using namespace packetarium::trace;

namespace {

Record numbered(std::uint64_t i) {
  Record r;
  r.at = SimTime::fromNs(static_cast<std::int64_t>(i));
  r.cause = i;
  r.kind = i % 3 == 0 ? RecordKind::FrameSent : RecordKind::Note;
  return r;
}

void append(ChunkWriter &writer, std::uint64_t from, std::uint64_t count) {
  for (std::uint64_t i = from; i < from + count; ++i) writer.append(numbered(i));
}

void checkRecords(const Chunk &chunk) {
  REQUIRE(chunk.records.size() == chunk.summary.count);
  std::uint64_t wrong = 0, sent = 0;
  for (std::size_t i = 0; i < chunk.records.size(); ++i) {
    wrong += chunk.records[i].cause == chunk.summary.first + i ? 0 : 1;
    sent += chunk.records[i].kind == RecordKind::FrameSent ? 1 : 0;
  }
  CHECK(wrong == 0);
  CHECK(chunk.summary.sent == sent);
  CHECK(chunk.summary.notes == chunk.records.size() - sent);
}

} // namespace

TEST_CASE("A step that tells more than a chunk has room for loses nothing") {
  ChunkWriter writer;
  writer.open(1, 1, {});
  append(writer, 1, 100'000);
  CHECK(writer.full());
  const ChunkPtr chunk = writer.seal();
  REQUIRE(chunk);
  CHECK(chunk->summary.count == 100'000);
  checkRecords(*chunk);
}

TEST_CASE("Chunks that share a block keep their records when others go") {
  std::vector<ChunkPtr> chunks;
  {
    ChunkWriter writer;
    for (Sequence first = 1; first < 60'000; first += 1500) {
      writer.open(first, 1, {});
      append(writer, first, 1500);
      chunks.push_back(writer.seal());
    }
  }
  for (std::size_t i = 0; i < chunks.size(); i += 2) chunks[i].reset();
  for (const ChunkPtr &chunk : chunks)
    if (chunk) checkRecords(*chunk);
}

TEST_CASE("A chunk of a large network has more records, so that its keyframe stays small") {
  Keyframe large;
  large.nodes.resize(1000);
  large.links.resize(2000);
  ChunkWriter writer;
  writer.open(1, 1, std::move(large));
  append(writer, 1, 5999);
  CHECK_FALSE(writer.full());
  append(writer, 6000, 1);
  CHECK(writer.full());
}

TEST_CASE("Sealing what holds nothing gives nothing, and the writer goes on") {
  ChunkWriter writer;
  CHECK(writer.seal() == nullptr);
  writer.open(1, 1, {});
  CHECK_FALSE(writer.hasRecords());
  CHECK(writer.seal() == nullptr);
  writer.open(1, 1, {});
  append(writer, 1, 3);
  CHECK(writer.firstAt() == SimTime::fromNs(1));
  const ChunkPtr chunk = writer.seal();
  REQUIRE(chunk);
  checkRecords(*chunk);
  CHECK(chunk->summary.from == SimTime::fromNs(1));
  CHECK(chunk->summary.to == SimTime::fromNs(3));
}

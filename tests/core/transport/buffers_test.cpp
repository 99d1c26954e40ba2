// SPDX-License-Identifier: GPL-3.0-or-later
// Reassembly and the send buffer against plain arrays of bytes.
#include "core/transport/flat_index.h"
#include "core/transport/reassembly.h"
#include "core/transport/send_buffer.h"
#include "core/transport/seq.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <map>
#include <optional>

using namespace packetarium;
using namespace packetarium::transport;
using wire::Payload;

TEST_CASE("sequence numbers compare round the circle") {
  CHECK(seqLess(0xfffffff0U, 0x10U));
  CHECK_FALSE(seqLess(0x10U, 0xfffffff0U));
  CHECK(seqLessEq(7, 7));
  CHECK(seqDiff(0x10U, 0xfffffff0U) == 0x20);
  CHECK(seqMax(0xfffffff0U, 0x10U) == 0x10U);
}

TEST_CASE("reassembly gives what a byte array would, for any segments in any order") {
  CHECK(rc::check([] {
    const std::uint32_t start = *rc::gen::element(0U, 17U, 0xffffff00U, 0xffffffffU - 30U);
    const std::uint32_t length = *rc::gen::inRange(1U, 300U);
    std::vector<std::optional<std::uint8_t>> model(length);
    Reassembly held;
    std::uint32_t next = 0; // relative to start
    wire::Bytes got;
    const int steps = *rc::gen::inRange(1, 60);
    for (int step = 0; step < steps; ++step) {
      const std::uint32_t from = *rc::gen::inRange(next, length + 1);
      const std::uint32_t size = *rc::gen::inRange(0U, length - from + 1);
      // Each segment has a content of its own: the first copy of a byte is the one that counts.
      const std::uint8_t mark = static_cast<std::uint8_t>(step);
      const bool real = *rc::gen::arbitrary<bool>();
      const Payload data =
          real ? Payload::of(wire::Bytes(size, mark)) : Payload::pattern(from, size);
      for (std::uint32_t i = 0; i < size; ++i)
        if (!model[from + i]) model[from + i] = data.at(i);
      held.insert(start + from, data);
      if (*rc::gen::arbitrary<bool>()) continue;
      for (Payload p = held.take(start + next); !p.empty(); p = held.take(start + next)) {
        p.appendTo(got);
        next += p.size();
      }
      const bool stopped = next == length || !model[next];
      RC_ASSERT(stopped); // at a hole only
    }
    for (std::uint32_t i = 0; i < next; ++i) RC_ASSERT(got.at(i) == model[i].value());
    std::uint32_t beyond = 0;
    for (std::uint32_t i = next; i < length; ++i) beyond += model[i] ? 1 : 0;
    RC_ASSERT(held.bytes() == beyond);
  }));
}

TEST_CASE("neighbouring pieces of a virtual stream stay one virtual piece in reassembly") {
  Reassembly held;
  for (const std::uint32_t at : {100U, 200U, 300U}) held.insert(at, Payload::pattern(at, 100));
  const Payload all = held.take(100);
  CHECK(all.size() == 300);
  CHECK(all.isPattern());
}

TEST_CASE("the send buffer's slices are the bytes of the stream") {
  CHECK(rc::check([] {
    SendBuffer buffer;
    wire::Bytes stream;
    std::size_t dropped = 0;
    const int steps = *rc::gen::inRange(1, 60);
    for (int step = 0; step < steps; ++step) {
      const auto size = *rc::gen::inRange(0U, 50U);
      const Payload data = *rc::gen::arbitrary<bool>()
                               ? Payload::pattern(stream.size(), size)
                               : Payload::of(*rc::gen::container<wire::Bytes>(
                                     size, rc::gen::arbitrary<std::uint8_t>()));
      data.appendTo(stream);
      buffer.append(data);
      const auto drop = *rc::gen::inRange(0U, buffer.size() / 2 + 1);
      buffer.drop(drop);
      dropped += drop;
      RC_ASSERT(buffer.size() == stream.size() - dropped);
      const auto from = *rc::gen::inRange(0U, buffer.size() + 1);
      const auto take = *rc::gen::inRange(0U, buffer.size() - from + 1);
      const auto first = stream.begin() + static_cast<std::ptrdiff_t>(dropped + from);
      RC_ASSERT(buffer.slice(from, take).toBytes() == wire::Bytes(first, first + take));
    }
  }));
}

TEST_CASE("an endless virtual stream costs the send buffer nothing and never overflows it") {
  SendBuffer buffer;
  std::uint64_t offset = 0;
  for (int i = 0; i < 100'000; ++i) { // 6.5 GB pass through
    buffer.append(Payload::pattern(offset, 65536));
    offset += 65536;
    const Payload tail = buffer.slice(buffer.size() - 1000, 1000);
    REQUIRE(tail.isPattern());
    REQUIRE(tail.at(999) == Payload::patternByte(offset - 1));
    if (i > 3) buffer.drop(65536);
  }
  CHECK(buffer.size() == 4 * 65536);
}

namespace {
struct Clumsy { // a poor hash, so that probes collide
  std::uint32_t k = 0;
  bool operator==(const Clumsy &) const = default;
  std::size_t hash() const { return k / 7; }
};
} // namespace

TEST_CASE("the flat index answers as std::map does") {
  CHECK(rc::check([] {
    FlatIndex<Clumsy> index;
    std::map<std::uint32_t, std::uint32_t> model;
    const int steps = *rc::gen::inRange(0, 300);
    for (int i = 0; i < steps; ++i) {
      const auto key = *rc::gen::inRange(0U, 60U);
      const bool known = model.count(key) != 0;
      if (*rc::gen::arbitrary<bool>()) {
        index.erase({key});
        model.erase(key);
      } else if (!known) {
        index.insert({key}, key + 1000);
        model[key] = key + 1000;
      }
    }
    RC_ASSERT(index.size() == model.size());
    for (std::uint32_t key = 0; key < 60; ++key) {
      const auto it = model.find(key);
      RC_ASSERT(index.find({key}) == (it == model.end() ? FlatIndex<Clumsy>::none : it->second));
    }
  }));
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/cluster_message.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What clients of a key-value store say to it, over TCP, in cluster messages. Every request has an
/// "id" that its answer repeats; one connection may have several under way.
///
///     get id=4 key=cart                          value id=4 key=cart value=17 [context=...]
///     set id=5 key=cart value=18 [context=...]   ok id=5 [epoch=2 index=7]
///     add id=6 key=views value=1                 redirect id=5 [to=10.0.0.2:7400]
///     remove id=7 key=cart [value=x]             refused id=5 why="not enough replicas"
///
///     cas id=8 key=seat from=free to=ann         failed id=8 [value=bob]
///     append id=9 key=list value=x               ok id=9
///
/// cas sets the value to `to` when it is `from` (left out: when it was never set); failed says that
/// it was another one. append puts the text behind the value. Every change may have
/// once="client-1 17", who asks and their number: a store that can does the same one once. An
/// answer may say at=<position> of what it has seen; a client that wants its session's guarantees
/// (read your writes, monotonic reads, ...) sends after=<position> of the newest that it has seen,
/// and a store answers when it is there, or refuses. level=stale on a get takes whatever the asked
/// member has; otherwise a store gives its best.
///
/// What is refused was surely not done, unless the answer (or the redirect) says perhaps=1. A cas
/// that failed was not done, unless the answer says perhaps=1 (of a store that does not remember
/// what it did) and an earlier attempt was not answered.
///
/// A value that was never set is a "value" without a value. add counts up (a counter) or puts an
/// element in (a set), remove takes a key or an element away; what they mean is the store's. A
/// context is what a multi-primary store gave with the value read: it tells it what the writer
/// knew. Where versions of a key stand side by side, "value" says siblings=2 (how many) and has a
/// value field for each that is not a removal; a set with the context of that answer replaces them
/// all; "ok" has a context when nothing stands beside the write. A set is told as its elements,
/// sorted, with commas between.
namespace packetarium::programs::kv {

constexpr std::uint16_t port = 7400;       ///< of clients, TCP
constexpr std::uint16_t memberPort = 7401; ///< of members among themselves, TCP and UDP
constexpr std::uint16_t heartbeatPort =
    694; ///< UDP, as the Linux-HA heartbeat's (IANA: ha-cluster)

/// Of a key and a value together, in a request or in the table: an answer's line holds them,
/// whatever the bytes are (three for each in the worst case, of the 65536 of a line).
constexpr std::size_t valueBytesMax = 16384;

constexpr std::string_view get = "get", set = "set", add = "add", remove = "remove", cas = "cas",
                           append = "append";
constexpr std::string_view value = "value", ok = "ok", redirect = "redirect", refused = "refused",
                           failed = "failed";

} // namespace packetarium::programs::kv

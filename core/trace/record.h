// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/ids.h"
#include "core/base/sim_time.h"

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

namespace packetarium::trace {

/// Sequence number of a record within a run, from 1; 0 is "no record" (the start of the run).
using Sequence = std::uint64_t;

/// What a record tells. Numbers and names are stable: they are part of fingerprints and of files.
enum class RecordKind : std::uint16_t {
  FrameSent = 1,       ///< its first bit leaves onto the link; args: SentArgs
  FrameReceived = 2,   ///< came out at the far end; args[0]: sequence of its FrameSent
  FrameDropped = 3,    ///< detail: DropReason; args[0]: its FrameSent or FrameQueued, or 0
  PacketRewritten = 4, ///< packet: the new form; args[0]: the old form's id (NAT)
  FrameQueued = 6,     ///< waits in front of a busy link; detail as FrameSent; args[0]: frame bytes
  SegmentDelivered = 5, ///< reached a socket; args[0]: bytes handed to the program, args[1]: socket
  NodeState = 10,       ///< detail: NodeHealth
  LinkState = 11,       ///< detail: 1 up, 0 cut
  LinkChanged = 12,     ///< detail: LinkQuantity; args[0]: new value (double bits)
  NodeChanged = 13,     ///< detail: NodeQuantity; args[0]: new value (double bits)
  ArpLearned = 15,      ///< args[0]: IPv4 address; args[1]: MAC bits
  MacLearned = 16,      ///< a switch learned a port; args[1]: MAC bits
  NatMapped = 17,       ///< args[0]: inside ip<<16|port; args[1]: outside ip<<16|port
  AddressHeld = 18,     ///< a further address of a node; detail: 1 taken, 0 given up; args[0]: IPv4
                        ///< address; args[1]: MAC bits that it is answered with
  TcpState = 20,        ///< detail: new state; args: TcpStateArgs
  TcpRetransmit = 21,   ///< detail: RetransmitReason; packet: the segment; args[0]: socket
  TcpCongestion = 22,   ///< args: socket, cwnd<<32|ssthresh, flight<<32|rwnd, srtt ns (all bytes)
  TcpTimeout = 23,      ///< args[0]: socket; args[1]: rto ns
  Note = 30,            ///< text: args[0]
  Phase = 31,           ///< a named milestone; text: args[0], args[1]: object's text or none
  RequestStarted = 32,  ///< args[0]: request number (unique in node); text args[1]: what; text
                        ///< args[2]: the service it asks, or none
  RequestEnded = 33,    ///< detail: RequestOutcome; args[0]: number; args[1]: latency ns; args[2]:
                        ///< bytes; text args[3]
  Sample = 34,          ///< a program's measurement; text args[0]: metric; args[1]: double bits
  Fact = 35,            ///< something views tell about a connection; detail: FactTopic; args[0]:
                        ///< socket; texts args[1]: name, args[2]: value, args[3]: detail
  Countdown = 36,       ///< a program waits for a deadline that views show; detail: CountdownKind;
                        ///< args[0]: deadline ns, or -1 when it waits no more; text args[1]: the
                        ///< service
};

/// The stable name of a kind, as in the trace file: "frame-sent". Empty for an unknown kind.
std::string_view name(RecordKind kind);
/// True for the kinds a fingerprint covers.
constexpr bool isWire(RecordKind kind) {
  return kind == RecordKind::FrameSent || kind == RecordKind::FrameReceived ||
         kind == RecordKind::FrameDropped;
}

enum class DropReason : std::uint16_t {
  None = 0,
  QueueFull,         ///< tail drop at the link's queue
  LinkLoss,          ///< the link's random loss
  LinkCut,           ///< was queued or flying when the link was cut, or sent while it was cut
  NodeDown,          ///< arrived at a crashed node
  PausedBacklogFull, ///< arrived at a paused node whose buffer is full
  NotForMe,          ///< a frame for another MAC address, or for a group not joined
  NoRoute,           ///< no matching route
  TtlExpired,
  ArpFailed,     ///< nobody answered for the next hop
  ArpQueueFull,  ///< too many packets waited for one ARP answer
  NotForwarding, ///< a host got a packet for another address
  NoListener,    ///< no socket for the port or protocol
  BadPacket,     ///< header says what cannot be
  TooBig,        ///< larger than the MTU
  NatNoMapping,  ///< from outside, and no inside host asked for it
  NatPortsExhausted,
  ReceiveBufferFull, ///< a datagram socket's buffer was full
  OwnEcho,           ///< a switch got a frame whose destination is behind the port it came from
  NoCarrier,         ///< the interface has no working link
  Blocked,           ///< this direction of the link is cut, the other one is not
  Corrupted,         ///< bits turned over on the way: the receiver's check of the frame failed
  Partitioned,       ///< sender and receiver are on different sides of a partition
};
/// Stable name ("queue-full") and a sentence for people.
std::string_view name(DropReason reason);
std::string_view sentence(DropReason reason);

enum class NodeHealth : std::uint16_t { Up = 0, Crashed = 1, Paused = 2, Starting = 3 };
enum class LinkQuantity : std::uint16_t {
  Rate = 0,
  Delay = 1,
  Jitter = 2,
  Loss = 3,
  Queue = 4,
  Duplicate = 5,
  Reorder = 6,
  Corrupt = 7, ///< probabilities
  Blocked = 8, ///< 0: none; 1: what the first end sends is lost; 2: what the second end sends
  Flap = 9     ///< ns of a whole period: half of it up, half of it cut; 0: steady
};
/// What can change about a running node, besides its health.
enum class NodeQuantity : std::uint16_t {
  Slowness = 0,    ///< how many times longer its processor needs; 1: as ever
  ClockOffset = 1, ///< ns by which its clock is ahead
  ClockDrift = 2,  ///< parts per million by which its clock runs fast
  Partition = 3,   ///< the side of a partition it is on; 0: none
  DiskLost = 4     ///< its disk was emptied
};
enum class RetransmitReason : std::uint16_t {
  Timeout = 0,
  Fast = 1,
  PartialAck = 2,
  Syn = 3,
  Fin = 4,
  Probe = 5
};
enum class RequestOutcome : std::uint16_t {
  Ok = 0,
  Timeout = 1,
  Refused = 2,
  NameError = 3,
  Reset = 4,
  ServerError = 5,
  Cancelled = 6,
  Untrusted = 7 ///< TLS ended it: a certificate, a key or a record was not what it must be
};
/// What a Fact is about. What name, value and detail hold is told by tls/event.h, where most of
/// them begin.
enum class FactTopic : std::uint16_t {
  TlsSession = 1, ///< a connection begins; name: client or server; value: the peer's end point;
                  ///< detail: the host's name
  TlsSent = 2,    ///< a handshake message
  TlsReceived = 3,
  TlsOffer = 4,
  TlsChoice = 5,
  TlsSecret = 6,
  TlsKeys = 7,
  TlsTranscript = 8,
  TlsCertificate = 9,
  TlsCheck = 10,
  TlsKeyLog = 11,
  TlsAlert = 12,
  TlsNote = 13,
  TlsEstablished = 14, ///< name: version; value: suite; detail: full, resumed, early data
  TlsPhase = 15,       ///< the Phase record that follows is about this connection; name: milestone
  // Of services. Their name is the service's, unless said otherwise; their socket is none.
  Role = 40,     ///< value: what this node now is for it ("active", "primary"); detail: why
  Failover = 41, ///< value: a FailoverStage's name; detail: a sentence
  Log = 42,      ///< value: "append 7 2" (change, index, epoch), change one of append, acknowledge,
                 ///< commit, truncate (this entry and all after it are thrown away); detail: the
                 ///< operation, as in Operation's value
  Operation = 43, ///< of a client; name: invoke, ok, fail, info; value: "write cart 17" (read,
                  ///< write, add, remove; key; value or "-"); detail: "process number service": the
                  ///< client as JSON lines name it, the request's number, the service
  Try = 44, ///< of a client's request; name: sent, connected, answered, cached, named; value: the
            ///< request's number; detail: the end point that is asked or has answered (connected:
            ///< perhaps with " from " and the own one; cached: since and until when the own cache
            ///< has the answer, "12000 8000012000" in ns; named: the name that a name server was
            ///< asked for anew). Of a balancer; name: led, joined (connected with the server);
            ///< value: the client's end point; detail: the server's
  Conflict = 45, ///< value: key; detail: the versions that met, one a line
  Merged = 46,   ///< value: key; detail: what the policy made of the versions, and what it lost
  // Of consensus and quorums.
  Term = 48,     ///< value: the node's new term, "3"; detail: the node that leads it, "": unknown
  Vote = 49,     ///< value: "ask 3" (a candidate begins; detail: why), "grant 3" or "refuse 3" (a
                 ///< voter answers; detail: the candidate's node), "won 3" or "missed 3" (the
                 ///< candidate hears it; detail: the voter's node); "pre-ask 3" and so on before
  Progress = 50, ///< at a leader; value: "nextIndex matchIndex"; detail: the follower's node
  Apply = 51,    ///< a member applied an entry; value: "index term"; detail: as Log's
  Snapshot = 52, ///< value: "taken 40 3", "sent 40 3" (detail: to whom), "installed 40 3": the last
                 ///< index and term that it holds; detail else: a digest of its state
  Members = 53,  ///< a member's newest configuration; value: node names with commas between, with
                 ///< "|" between old and new while both must agree; detail: its index
  Ring = 54,     ///< value: the node's tokens on the ring (32 bit, hex, ascending, spaces between)
  Hint = 55,     ///< value: "kept", "handed" or "dropped", and the key; detail: the node it is for
  Repair = 56,   ///< value: "read" or "merkle", and the key; detail: the node that was brought up
  Evicted = 57,  ///< a cache let a key go; value: key; detail: why
  Held = 58,     ///< what a replica without a common log has of a key from now on; value: key ("":
                 ///< it begins, with what is told next); detail: as cluster/held.h tells it
  Intercepted = 20 ///< what a man in the middle did or read; value: what; detail: how it ended
};
std::string_view name(FactTopic topic); ///< "tls-secret"

/// What a program waits for.
enum class CountdownKind : std::uint16_t {
  Election = 0, ///< no leader heard from until then: it stands for election
  Lease = 1     ///< until then it answers reads by itself
};
std::string_view name(CountdownKind kind); ///< "election"

/// How far the failover of a service has come; a Failover fact tells each stage at its instant.
enum class FailoverStage : std::uint8_t {
  Suspected, ///< somebody noticed that the server may be gone (a heartbeat or a check was missed)
  Decided,   ///< it counts as gone: who takes over is settled (timer, vote, fence, checks in a row)
  Active,    ///< the one that takes over serves: promoted, started, holds the address
  Reachable  ///< what leads clients there has changed (gratuitous ARP sent, name, balancer)
};
std::string_view name(FailoverStage stage); ///< "suspected"

std::string_view name(NodeHealth health);
std::string_view name(LinkQuantity quantity);
std::string_view name(NodeQuantity quantity);
std::string_view name(RetransmitReason reason);
std::string_view name(RequestOutcome outcome);

/// One thing that happened. Its sequence number is its place in the trace.
struct Record {
  SimTime at;
  Sequence cause = 0; ///< the record that led to this one; 0: the start of the run
  PacketId packet = 0;
  std::uint32_t node = NodeIndex::noneValue;
  std::uint32_t link = LinkIndex::noneValue;
  RecordKind kind = RecordKind::Note;
  std::uint16_t detail = 0;
  std::array<std::uint64_t, 4> args{};

  bool hasNode() const { return node != NodeIndex::noneValue; }
  bool hasLink() const { return link != LinkIndex::noneValue; }
};
static_assert(sizeof(Record) == 64);

/// The arguments of FrameSent. detail holds the wire::ProtocolClass (low byte), the link's end that
/// sends (bit 8) and whether the frame is a mere sign of life (backgroundBit), so that a frame can
/// be drawn without looking at its headers.
struct SentArgs {
  Sequence queued = 0; ///< the FrameQueued record when it had to wait, else 0
  SimTime arrival;     ///< last bit arrives at the far end, if nothing befalls it
  std::uint64_t sourceMac = 0;
  std::uint64_t destinationMac = 0;
  std::uint16_t frameBytes = 0;
  std::uint8_t ttl = 0;            ///< as sent on this hop; 0 for frames without IP
  std::uint8_t prefixLength = 255; ///< of the route that was matched; 255: not routed here
};
constexpr std::array<std::uint64_t, 4> pack(const SentArgs &a) {
  return {a.queued, static_cast<std::uint64_t>(a.arrival.ns()),
          a.sourceMac | std::uint64_t{a.frameBytes} << 48,
          a.destinationMac | std::uint64_t{a.ttl} << 48 | std::uint64_t{a.prefixLength} << 56};
}
constexpr SentArgs sentArgs(const Record &r) {
  constexpr std::uint64_t mac = 0xffffffffffffULL;
  SentArgs a;
  a.queued = r.args[0];
  a.arrival = SimTime::fromNs(static_cast<std::int64_t>(r.args[1]));
  a.sourceMac = r.args[2] & mac;
  a.destinationMac = r.args[3] & mac;
  a.frameBytes = static_cast<std::uint16_t>(r.args[2] >> 48);
  a.ttl = static_cast<std::uint8_t>(r.args[3] >> 48);
  a.prefixLength = static_cast<std::uint8_t>(r.args[3] >> 56);
  return a;
}
/// Which end of its link a FrameSent record left from: 0 or 1.
constexpr int sendingEnd(const Record &r) { return (r.detail >> 8) & 1; }
constexpr int backgroundBit = 1 << 9;
/// A FrameSent or FrameQueued record of a heartbeat or an advertisement, which say all the time
/// that somebody is alive, and are no story.
constexpr bool isBackground(const Record &r) { return (r.detail & backgroundBit) != 0; }
/// wire::ProtocolClass of a FrameSent record as a number.
constexpr std::uint8_t protocolClass(const Record &r) {
  return static_cast<std::uint8_t>(r.detail);
}

/// The arguments of TcpState: who, between which ports, from which state (detail: to which).
struct TcpStateArgs {
  std::uint32_t socket = 0;
  std::uint16_t fromState = 0;
  std::uint16_t localPort = 0;
  std::uint32_t remoteIp = 0;
  std::uint16_t remotePort = 0;
  std::uint32_t localIp = 0;
};
constexpr std::array<std::uint64_t, 4> pack(const TcpStateArgs &a) {
  return {a.socket,
          std::uint64_t{a.fromState} << 32 | std::uint64_t{a.localPort} << 16 | a.remotePort,
          a.remoteIp, a.localIp};
}
constexpr TcpStateArgs tcpStateArgs(const Record &r) {
  TcpStateArgs a;
  a.socket = static_cast<std::uint32_t>(r.args[0]);
  a.fromState = static_cast<std::uint16_t>(r.args[1] >> 32);
  a.localPort = static_cast<std::uint16_t>(r.args[1] >> 16);
  a.remotePort = static_cast<std::uint16_t>(r.args[1]);
  a.remoteIp = static_cast<std::uint32_t>(r.args[2]);
  a.localIp = static_cast<std::uint32_t>(r.args[3]);
  return a;
}

/// Text arguments are indices into the chunk's strings; this value means "no text".
constexpr std::uint64_t noText = ~std::uint64_t{0};

inline std::uint64_t doubleArg(double v) { return std::bit_cast<std::uint64_t>(v); }
inline double doubleOf(std::uint64_t bits) { return std::bit_cast<double>(bits); }

} // namespace packetarium::trace

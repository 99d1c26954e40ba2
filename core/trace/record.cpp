// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/record.h"

namespace packetarium::trace {

std::string_view name(RecordKind kind) {
  switch (kind) {
  case RecordKind::FrameSent: return "frame-sent";
  case RecordKind::FrameReceived: return "frame-received";
  case RecordKind::FrameDropped: return "frame-dropped";
  case RecordKind::PacketRewritten: return "packet-rewritten";
  case RecordKind::FrameQueued: return "frame-queued";
  case RecordKind::SegmentDelivered: return "delivered";
  case RecordKind::NodeState: return "node-state";
  case RecordKind::LinkState: return "link-state";
  case RecordKind::LinkChanged: return "link-changed";
  case RecordKind::NodeChanged: return "node-changed";
  case RecordKind::ArpLearned: return "arp-learned";
  case RecordKind::MacLearned: return "mac-learned";
  case RecordKind::NatMapped: return "nat-mapped";
  case RecordKind::AddressHeld: return "address-held";
  case RecordKind::TcpState: return "tcp-state";
  case RecordKind::TcpRetransmit: return "tcp-retransmit";
  case RecordKind::TcpCongestion: return "tcp-congestion";
  case RecordKind::TcpTimeout: return "tcp-timeout";
  case RecordKind::Note: return "note";
  case RecordKind::Phase: return "phase";
  case RecordKind::RequestStarted: return "request-started";
  case RecordKind::RequestEnded: return "request-ended";
  case RecordKind::Sample: return "sample";
  case RecordKind::Fact: return "fact";
  case RecordKind::Countdown: return "countdown";
  }
  return {};
}

std::string_view name(DropReason reason) {
  switch (reason) {
  case DropReason::None: return "none";
  case DropReason::QueueFull: return "queue-full";
  case DropReason::LinkLoss: return "link-loss";
  case DropReason::LinkCut: return "link-cut";
  case DropReason::NodeDown: return "node-down";
  case DropReason::PausedBacklogFull: return "paused-backlog-full";
  case DropReason::NotForMe: return "not-for-me";
  case DropReason::NoRoute: return "no-route";
  case DropReason::TtlExpired: return "ttl-expired";
  case DropReason::ArpFailed: return "arp-failed";
  case DropReason::ArpQueueFull: return "arp-queue-full";
  case DropReason::NotForwarding: return "not-forwarding";
  case DropReason::NoListener: return "no-listener";
  case DropReason::BadPacket: return "bad-packet";
  case DropReason::TooBig: return "too-big";
  case DropReason::NatNoMapping: return "nat-no-mapping";
  case DropReason::NatPortsExhausted: return "nat-ports-exhausted";
  case DropReason::ReceiveBufferFull: return "receive-buffer-full";
  case DropReason::OwnEcho: return "own-echo";
  case DropReason::NoCarrier: return "no-carrier";
  case DropReason::Blocked: return "blocked";
  case DropReason::Corrupted: return "corrupted";
  case DropReason::Partitioned: return "partitioned";
  }
  return {};
}

std::string_view sentence(DropReason reason) {
  switch (reason) {
  case DropReason::None: return "It was not dropped.";
  case DropReason::QueueFull:
    return "The queue in front of the link was full, so the newest packet was dropped.";
  case DropReason::LinkLoss: return "The link lost it: its loss rate makes some frames vanish.";
  case DropReason::LinkCut: return "The cable is cut.";
  case DropReason::NodeDown: return "The device it reached has crashed.";
  case DropReason::PausedBacklogFull: return "The device is paused and its receive buffer is full.";
  case DropReason::NotForMe: return "The frame is addressed to another card or group.";
  case DropReason::NoRoute: return "No route in the table matches the destination.";
  case DropReason::TtlExpired: return "Its time to live ran out: too many routers on the way.";
  case DropReason::ArpFailed:
    return "Nobody answered when ARP asked for the next hop's hardware address.";
  case DropReason::ArpQueueFull: return "Too many packets were already waiting for ARP to answer.";
  case DropReason::NotForwarding:
    return "This device is no router and the packet is for another address.";
  case DropReason::NoListener: return "No program listens on that port.";
  case DropReason::BadPacket: return "Its headers contradict themselves.";
  case DropReason::TooBig: return "It is larger than the link allows (MTU 1500 bytes).";
  case DropReason::NatNoMapping: return "The home router knows no inside host that asked for it.";
  case DropReason::NatPortsExhausted:
    return "The home router has no free port left for a new connection.";
  case DropReason::ReceiveBufferFull:
    return "The program did not read fast enough and its socket buffer is full.";
  case DropReason::OwnEcho:
    return "The destination is behind the port it came from, so the switch has nothing to do.";
  case DropReason::NoCarrier: return "The way out is a cable that is cut: the interface is down.";
  case DropReason::Blocked: return "The link lets nothing through in this direction.";
  case DropReason::Corrupted:
    return "Bits turned over on the way, so the frame's check sequence did not fit.";
  case DropReason::Partitioned: return "Sender and receiver are on different sides of a partition.";
  }
  return {};
}

std::string_view name(FailoverStage stage) {
  switch (stage) {
  case FailoverStage::Suspected: return "suspected";
  case FailoverStage::Decided: return "decided";
  case FailoverStage::Active: return "active";
  case FailoverStage::Reachable: return "reachable";
  }
  return {};
}

std::string_view name(FactTopic topic) {
  switch (topic) {
  case FactTopic::TlsSession: return "tls-session";
  case FactTopic::TlsSent: return "tls-sent";
  case FactTopic::TlsReceived: return "tls-received";
  case FactTopic::TlsOffer: return "tls-offer";
  case FactTopic::TlsChoice: return "tls-choice";
  case FactTopic::TlsSecret: return "tls-secret";
  case FactTopic::TlsKeys: return "tls-keys";
  case FactTopic::TlsTranscript: return "tls-transcript";
  case FactTopic::TlsCertificate: return "tls-certificate";
  case FactTopic::TlsCheck: return "tls-check";
  case FactTopic::TlsKeyLog: return "tls-keylog";
  case FactTopic::TlsAlert: return "tls-alert";
  case FactTopic::TlsNote: return "tls-note";
  case FactTopic::TlsEstablished: return "tls-established";
  case FactTopic::TlsPhase: return "tls-phase";
  case FactTopic::Intercepted: return "intercepted";
  case FactTopic::Role: return "role";
  case FactTopic::Failover: return "failover";
  case FactTopic::Log: return "log";
  case FactTopic::Operation: return "operation";
  case FactTopic::Try: return "try";
  case FactTopic::Conflict: return "conflict";
  case FactTopic::Merged: return "merged";
  case FactTopic::Term: return "term";
  case FactTopic::Vote: return "vote";
  case FactTopic::Progress: return "progress";
  case FactTopic::Apply: return "apply";
  case FactTopic::Snapshot: return "snapshot";
  case FactTopic::Members: return "members";
  case FactTopic::Ring: return "ring";
  case FactTopic::Hint: return "hint";
  case FactTopic::Repair: return "repair";
  case FactTopic::Evicted: return "evicted";
  case FactTopic::Held: return "held";
  }
  return {};
}

std::string_view name(CountdownKind kind) {
  switch (kind) {
  case CountdownKind::Election: return "election";
  case CountdownKind::Lease: return "lease";
  }
  return {};
}

std::string_view name(NodeHealth health) {
  switch (health) {
  case NodeHealth::Up: return "up";
  case NodeHealth::Crashed: return "crashed";
  case NodeHealth::Paused: return "paused";
  case NodeHealth::Starting: return "starting";
  }
  return {};
}

std::string_view name(LinkQuantity quantity) {
  switch (quantity) {
  case LinkQuantity::Rate: return "rate_bps";
  case LinkQuantity::Delay: return "delay_ns";
  case LinkQuantity::Jitter: return "jitter_ns";
  case LinkQuantity::Loss: return "loss";
  case LinkQuantity::Queue: return "queue_packets";
  case LinkQuantity::Duplicate: return "duplicate";
  case LinkQuantity::Reorder: return "reorder";
  case LinkQuantity::Corrupt: return "corrupt";
  case LinkQuantity::Blocked: return "blocked_direction";
  case LinkQuantity::Flap: return "flap_period_ns";
  }
  return {};
}

std::string_view name(NodeQuantity quantity) {
  switch (quantity) {
  case NodeQuantity::Slowness: return "slowness";
  case NodeQuantity::ClockOffset: return "clock_offset_ns";
  case NodeQuantity::ClockDrift: return "clock_drift_ppm";
  case NodeQuantity::Partition: return "partition";
  case NodeQuantity::DiskLost: return "disk_lost";
  }
  return {};
}

std::string_view name(RetransmitReason reason) {
  switch (reason) {
  case RetransmitReason::Timeout: return "timeout";
  case RetransmitReason::Fast: return "fast";
  case RetransmitReason::PartialAck: return "partial-ack";
  case RetransmitReason::Syn: return "syn";
  case RetransmitReason::Fin: return "fin";
  case RetransmitReason::Probe: return "probe";
  }
  return {};
}

std::string_view name(RequestOutcome outcome) {
  switch (outcome) {
  case RequestOutcome::Ok: return "ok";
  case RequestOutcome::Timeout: return "timeout";
  case RequestOutcome::Refused: return "refused";
  case RequestOutcome::NameError: return "name-error";
  case RequestOutcome::Reset: return "reset";
  case RequestOutcome::ServerError: return "server-error";
  case RequestOutcome::Cancelled: return "cancelled";
  case RequestOutcome::Untrusted: return "untrusted";
  }
  return {};
}

} // namespace packetarium::trace

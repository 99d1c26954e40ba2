// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "core/analysis/fact_book.h"
#include "core/net/blueprint.h"

#include <optional>
#include <string>
#include <vector>

/// The anatomy of a failover: where the down time that clients saw went.
namespace packetarium::analysis {

/// In order of time. A part that no record tells of has no length.
enum class OutagePart : std::uint8_t {
  Unnoticed, ///< from the fault to the first request that failed
  Detect,    ///< until somebody suspected the server
  Decide,    ///< until it was settled who takes over
  TakeOver,  ///< until the one that takes over served: promoted, started, holds the address
  Redirect,  ///< until ARP, DNS or a balancer led clients there; for one that remembers an old
             ///< address, until that has expired and it was told another
  Reconnect, ///< until the client that was answered first had a connection (with the server, where
             ///< a balancer made it)
  Retry      ///< until its answer came
};
constexpr int outageParts = 7;
std::string_view name(OutagePart part);     ///< "take over"
std::string_view sentence(OutagePart part); ///< what it means, for people

struct OutageStep {
  OutagePart part = OutagePart::Unnoticed;
  SimTime from, to;
  trace::Sequence record = 0; ///< that ends it; 0: none tells of it
  std::string text;           ///< what happened at its end: "standby missed the third heartbeat"
};

/// A service gave no timely answer to anybody for a while.
struct Outage {
  std::string service;
  SimTime from, to;  ///< the fault; the first timely answer (or what is known so far)
  bool open = false; ///< there was no answer yet
  std::optional<trace::Sequence> fault; ///< LinkState, NodeState, LinkChanged or NodeChanged record
  std::string cause;                    ///< "server A crashed"; "no fault before it" without one
  trace::Sequence firstFailed = 0;      ///< RequestStarted
  trace::Sequence answered = 0;         ///< RequestEnded of the first timely answer; 0 while open
  std::uint64_t failedRequests = 0;
  std::vector<OutageStep> steps; ///< one for each part in order; they meet, and sum to to - from
  Duration length() const { return to - from; }
};

/// All outages of all services as known at `until`, ordered by their beginning. An outage begins at
/// the last fault (else at the last other change) between the last request that was answered in
/// time and the first one that failed, or while that one was under way; at that request itself when
/// nothing had happened. It ends with the first timely answer to a request sent after that. What is
/// shorter than `least` is left out. Where nothing had happened, an outage counts only when it
/// lasts for a second, two requests failed, and the first of them had failed before anybody was
/// answered: requests that fail beside others that succeed make a service degraded, not down, and
/// would else be listed by the dozen.
std::vector<Outage> outages(const Chronicle &chronicle, const FactBook &facts,
                            const net::Blueprint &network, SimTime until,
                            Duration least = Duration::ms(1));

/// CSV: "service,part,from_ns,to_ns,length_ns,text".
std::string outagesCsv(const std::vector<Outage> &list);

} // namespace packetarium::analysis

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/trace/record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the texts of the facts about services hold (trace/record.h), and sentences about them and
/// about faults. None of it needs a chunk in memory.
namespace packetarium::analysis {

/// The value of a Log fact: "append 7 2".
struct LogChange {
  enum class What : std::uint8_t { Append, Acknowledge, Commit, Truncate };
  What what = What::Append;
  std::uint64_t index = 0, epoch = 0;
};
std::optional<LogChange> logChange(std::string_view value);

/// The detail of a Try fact "cached": since and until when the client's own cache has the answer.
struct KeptAnswer {
  SimTime since, until;
};
std::optional<KeptAnswer> keptAnswer(std::string_view detail);

/// The detail of an Operation fact: "process number service". Views into it.
struct OperationOf {
  std::string_view process;
  std::uint64_t number = 0;
  std::string_view service;
};
std::optional<OperationOf> operationOf(std::string_view detail);
/// "write cart 17" in words; what reads changes nothing.
bool isWrite(std::string_view operation);
/// "cart" of "write cart 17".
std::string_view keyOf(std::string_view operation);

/// The last entry that a snapshot holds, of a Snapshot fact that says that this node has it
/// ("taken 40 3", "installed 40 3"); nothing for one that was sent away.
struct SnapshotHeld {
  std::uint64_t index = 0, term = 0;
  bool installed = false; ///< it came from another member, in place of entries
};
std::optional<SnapshotHeld> snapshotHeld(std::string_view value);

std::optional<trace::FailoverStage> failoverStage(std::string_view value);
/// A node of this role answers clients: active, primary, master, leader, serving, balancer.
bool isServing(std::string_view role);
/// A node of this role is ready to, or gets ready: it is paid for and idle. A follower, a candidate
/// and a learner are.
bool isStandingBy(std::string_view role);

/// A LinkState, NodeState, LinkChanged or NodeChanged record as a sentence.
std::string changeSentence(const net::Blueprint &network, const trace::Record &r);
/// The same without its full stop, to begin a sentence with: "server A crashed".
std::string changeWords(const net::Blueprint &network, const trace::Record &r);
/// An AddressHeld record as a sentence.
std::string addressSentence(const net::Blueprint &network, const trace::Record &r);

/// The texts of a fact.
struct FactTexts {
  trace::FactTopic topic = trace::FactTopic::Role;
  std::uint32_t node = 0;
  std::string_view name, value, detail;
};
/// A fact about a service as a sentence; empty for any other fact.
std::string serviceSentence(const net::Blueprint &network, const FactTexts &fact);
/// Those of consensus and quorums among them (consensus_facts.cpp).
std::string consensusSentence(const net::Blueprint &network, const FactTexts &fact);
/// A Countdown record as a sentence.
std::string countdownSentence(const net::Blueprint &network, const trace::Record &r,
                              std::string_view service);

/// True when the record makes something worse than the document or the moment before had it: what
/// a person would look for when something fails.
bool isFault(const trace::Record &r);

} // namespace packetarium::analysis

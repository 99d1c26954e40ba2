// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_facts.h"
#include "core/analysis/fact_book.h"
#include "core/analysis/judgement.h"
#include "core/analysis/why.h"
#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Why an operation saw what it saw: which member answered it, and what that one knew by then.
namespace packetarium::analysis {

/// The node that the client's operation last turned to, as its Try facts tell; nothing when they
/// tell none (or name an address that no node of the document has).
std::optional<std::uint32_t> answeredBy(const FactBook &facts, const net::Blueprint &network,
                                        const judge::Operation &operation);

/// Since and until when the reader's own cache has the answer that it gave; nothing: the answer
/// came from elsewhere.
std::optional<KeptAnswer> cachedAnswer(const FactBook &facts, const judge::Operation &read);

/// Sentences: who answered the read, who took the write that it missed, and why the one did not
/// know of the other's.
std::string explainMiss(const FactBook &facts, const net::Blueprint &network,
                        const judge::Operation &read, const judge::Operation &missed);

/// The same through the messages, oldest first, a record each: the write and the read as their
/// client saw them, when members put the write into their logs and applied it, messages that
/// carried it and were lost, partitions and crashes in between. trace: what of it is in memory is
/// looked through, the rest is left out.
std::vector<WhyStep> missStory(const trace::Trace &trace, const net::Blueprint &network,
                               const FactBook &facts, const judge::Operation &read,
                               const judge::Operation &missed, std::size_t stepsMax = 24);

} // namespace packetarium::analysis

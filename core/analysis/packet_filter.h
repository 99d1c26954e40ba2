// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/wire/dissect.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::analysis {

/// A display filter as people know it from analysers:
///   tcp.flags.syn && ip.dst == 10.0.0.2        dns or !arp
///   ip.addr == 10.0.0.0/24                     tcp.port in {80, 443, 8000..8080}
///   http.host contains "example"               node == "client" and dropped
/// A bare name asks whether the packet has it; a bare one-bit flag, whether it is set. A word that
/// is no field's name is searched in the info line without regard to case. `a != b` holds when the
/// packet has the field and no occurrence of it equals b.
class PacketFilter {
public:
  /// Matches every packet.
  PacketFilter() = default;
  /// Faults give the column, counted from 1: "column 8: ...". Blank text matches every packet.
  /// extraFields are names that the caller supplies at matching; node, link, dropped, frame.number
  /// and frame.time are always known.
  static Result<PacketFilter> parse(std::string_view text,
                                    std::span<const std::string_view> extraFields = {});

  bool matches(const wire::Dissection &d) const { return matches(d, {}); }
  /// extra: fields that are not in the bytes, such as the node's name or whether it was dropped.
  bool matches(const wire::Dissection &d, std::span<const wire::Field> extra) const;
  bool matchesEverything() const { return m_nodes.empty(); }

private:
  friend class FilterParser;
  enum class Op : std::uint8_t {
    And,
    Or,
    Not,
    Present,
    FreeText,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    Contains,
    In
  };
  /// A value as written. One text may be several things: 10 is a number and a word.
  struct Literal {
    std::string text;
    bool quoted = false;
    wire::FieldKey key; ///< number, address or MAC when it reads as one
    std::uint8_t prefixLength = 32;
    bool isPrefix = false;
    bool isRange = false;
    std::uint64_t last = 0; ///< of a range of numbers
  };
  struct Node {
    Op op = Op::Present;
    std::uint32_t left = 0, right = 0; ///< indices of earlier nodes
    std::string field;
    std::vector<Literal> literals;
  };
  struct Subject;
  bool evaluate(std::uint32_t node, const Subject &subject) const;
  static bool compare(Op op, const wire::Field &field, const Literal &literal,
                      const wire::Dissection &d);

  std::vector<Node> m_nodes; ///< the last one is the root
};

} // namespace packetarium::analysis

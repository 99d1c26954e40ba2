// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/chunk.h"
#include "core/world/world.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::programs::testing {

/// A small network for end-to-end tests, built by hand: hosts a (192.0.2.1/24) and b (192.0.2.2/24)
/// joined by one link; or with a router r between a (192.0.2.1) and b (198.51.100.2).
class Lab {
public:
  enum class Shape { Direct, Routed };
  explicit Lab(Shape shape = Shape::Direct, std::uint64_t seed = 1);
  /// A network of the test's own.
  explicit Lab(net::Blueprint network);

  /// Adds a program to a node by name; its document id is its kind (and a number when repeated).
  Lab &run(const std::string &node, const std::string &kind,
           std::map<std::string, ParameterValue> given = {});
  /// The link (or the one beside b).
  net::LinkSpec &link() { return m_plan->network.links.back(); }
  net::LinkSpec &link(std::size_t index) { return m_plan->network.links[index]; }
  /// The certificate authorities that programs find.
  Lab &certify(tls::Authorities authorities) {
    m_plan->network.authorities = std::move(authorities);
    return *this;
  }
  std::string addressOf(const std::string &node) const;
  std::shared_ptr<const world::Plan> plan() const { return m_plan; }
  /// For tests that build another network.
  world::Plan &edit() { return *m_plan; }

private:
  std::shared_ptr<world::Plan> m_plan = std::make_shared<world::Plan>();
};

/// A trace record with its texts in place.
struct Line {
  trace::Record record;
  std::string first, second; ///< texts of args[0] and args[1] (or of a request's what and detail)
  std::string third;         ///< of a Fact: first is its name, second its value, third its detail
};

/// A world under way, with everything it recorded.
class Run {
public:
  explicit Run(const Lab &lab);
  void until(Duration t);
  void apply(Duration t, world::Action action);

  world::World &world() { return *m_world; }
  const std::vector<Line> &lines() const { return m_lines; }
  /// Milestones of a node, or of all, in order.
  std::vector<std::string> phases(std::optional<std::uint32_t> node = {}) const;
  /// The first time a milestone was reached; SimTime::max() if never.
  SimTime firstPhase(std::string_view milestone) const;
  std::vector<Line> of(trace::RecordKind kind) const;
  std::vector<double> samples(std::string_view metric) const;
  /// What was told about connections of a node, in order.
  std::vector<Line> facts(std::uint32_t node, trace::FactTopic topic) const;
  /// How often each outcome was told.
  std::map<trace::RequestOutcome, int> outcomes() const;
  /// The states a connection went through at a node, by name, in order; port: its own.
  std::vector<std::string> tcpStates(std::uint32_t node, std::uint16_t port) const;
  bool noted(std::string_view text) const;
  /// The value in the described state of a node's programs with that name; "none" otherwise.
  std::string described(std::uint32_t node, std::string_view name) const;

private:
  void collect();
  trace::ChunkWriter m_writer;
  std::unique_ptr<world::World> m_world;
  std::vector<Line> m_lines;
};

} // namespace packetarium::programs::testing

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/scenario/scenario.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace packetarium::scenario {

enum class Shape : std::uint8_t {
  Star,    ///< hosts around a switch
  Ring,    ///< routers in a circle, a host at each
  Grid,    ///< routers in rows and columns; programs run on the routers themselves
  Dumbbell ///< hosts on both sides of two routers and the link between them
};
std::string_view name(Shape shape);
std::optional<Shape> shape(std::string_view name);

enum class Workload : std::uint8_t { None, Ping, Udp, Tcp, Http };
std::string_view name(Workload workload);
std::optional<Workload> workload(std::string_view name);

/// What a template is filled in with. The ranges are checked by generate().
struct TemplateOptions {
  Shape shape = Shape::Star;
  std::uint32_t hosts = 8;   ///< star: hosts; ring: routers; dumbbell: pairs of hosts; 1 to 1000
  std::uint32_t rows = 4;    ///< grid: 1 to 100
  std::uint32_t columns = 5; ///< grid: 1 to 100
  std::uint64_t rateBps = 10'000'000;        ///< of every link that is shared
  Duration delay = Duration::ms(5);          ///< of every link that is shared
  std::uint64_t edgeRateBps = 1'000'000'000; ///< of links to single hosts
  Duration edgeDelay = Duration::us(100);
  std::uint32_t queuePackets = 100;
  double loss = 0; ///< of every link that is shared
  Workload workload = Workload::Ping;
  std::uint32_t flows = 0;       ///< how many clients; 0: one for each host or pair
  double packetsPerSecond = 100; ///< udp
  std::uint32_t bytes = 512;     ///< udp: of each datagram; http: of the page
  std::uint64_t seed = 1;
  Duration duration = Duration::seconds(10);
};

/// A complete scenario: addresses, MACs, positions, workload. Faults name the option.
Result<Scenario> generate(const TemplateOptions &options);

/// The canonical loads of the benchmarks.
/// 25 x 40 routers, 1 Gbit/s and 1 ms links, 200 UDP flows between random pairs of 100 packets/s
/// of 512 B for 10 s.
TemplateOptions gridBenchmark();
/// One TCP bulk transfer over 10 Mbit/s, 20 ms one way, 100-packet drop-tail queue, for 60 s.
TemplateOptions dumbbellBenchmark();

} // namespace packetarium::scenario

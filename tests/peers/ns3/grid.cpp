// SPDX-License-Identifier: GPL-3.0-or-later
// 25 x 40 routers, 1 Gbit/s and 1 ms links, nix-vector routing, 200 UDP flows between random pairs
// of 100 packets/s of 512 B.
#include "tests/peers/ns3/report.h"

#include <CLI/CLI.hpp>
#include <ns3/applications-module.h>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/nix-vector-routing-module.h>
#include <ns3/point-to-point-module.h>
#include <ns3/traffic-control-module.h>

#include <cstdlib>
#include <vector>

using namespace ns3;

namespace {

struct Load {
  int rows = 25;
  int columns = 40;
  int flows = 200;
  double packetsPerS = 100;
  std::uint32_t bytes = 512;
  double seconds = 10;
};

struct Flow {
  Ptr<UdpServer> server;
  std::uint64_t hops = 0;
};

void connect(NodeContainer &nodes, int a, int b, Ipv4AddressHelper &addresses) {
  PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
  link.SetChannelAttribute("Delay", StringValue("1ms"));
  const NetDeviceContainer ends = link.Install(nodes.Get(static_cast<std::uint32_t>(a)),
                                               nodes.Get(static_cast<std::uint32_t>(b)));
  addresses.Assign(ends);
  addresses.NewNetwork();
  // A bare drop-tail queue at the device, as in our own load: no queueing discipline above it.
  TrafficControlHelper().Uninstall(ends);
}

void buildGrid(NodeContainer &nodes, const Load &load) {
  nodes.Create(static_cast<std::uint32_t>(load.rows * load.columns));
  InternetStackHelper stack;
  stack.SetRoutingHelper(Ipv4NixVectorHelper());
  stack.Install(nodes);
  Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.252");
  for (int row = 0; row < load.rows; ++row) {
    for (int column = 0; column < load.columns; ++column) {
      const int here = row * load.columns + column;
      if (column + 1 < load.columns) connect(nodes, here, here + 1, addresses);
      if (row + 1 < load.rows) connect(nodes, here, here + load.columns, addresses);
    }
  }
}

Flow addFlow(NodeContainer &nodes, const Load &load, int index, Draw &draw) {
  const int count = load.rows * load.columns;
  const int from = static_cast<int>(draw.below(static_cast<std::uint64_t>(count)));
  int to = from;
  while (to == from) to = static_cast<int>(draw.below(static_cast<std::uint64_t>(count)));
  const auto port = static_cast<std::uint16_t>(5000 + index);
  const Ptr<Node> target = nodes.Get(static_cast<std::uint32_t>(to));

  const ApplicationContainer server = UdpServerHelper(port).Install(target);
  UdpClientHelper client(target->GetObject<Ipv4>()->GetAddress(1, 0).GetLocal(), port);
  client.SetAttribute("Interval", TimeValue(Seconds(1 / load.packetsPerS)));
  client.SetAttribute("PacketSize", UintegerValue(load.bytes));
  client.SetAttribute("MaxPackets", UintegerValue(0xFFFFFFFF));
  ApplicationContainer sender = client.Install(nodes.Get(static_cast<std::uint32_t>(from)));
  const auto periodNs = static_cast<std::uint64_t>(1e9 / load.packetsPerS);
  sender.Start(NanoSeconds(static_cast<std::int64_t>(draw.below(periodNs))));

  // Nix vectors are shortest paths, and in a grid those are as long as the walk by streets.
  const int hops = std::abs(from / load.columns - to / load.columns) +
                   std::abs(from % load.columns - to % load.columns);
  return {server.Get(0)->GetObject<UdpServer>(), static_cast<std::uint64_t>(hops)};
}

} // namespace

int main(int argc, char **argv) {
  Load load;
  CLI::App app("grid on ns-3");
  app.add_option("--sim-seconds", load.seconds);
  app.add_option("--rows", load.rows);
  app.add_option("--columns", load.columns);
  app.add_option("--flows", load.flows);
  CLI11_PARSE(app, argc, argv);

  NodeContainer nodes;
  buildGrid(nodes, load);
  Draw draw(1);
  std::vector<Flow> flows;
  for (int i = 0; i < load.flows; ++i) flows.push_back(addFlow(nodes, load, i, draw));

  Simulator::Stop(Seconds(load.seconds));
  Report report;
  report.load = "grid";
  report.simulatedS = load.seconds;
  report.wallS = timed([] { Simulator::Run(); });
  report.events = Simulator::GetEventCount();
  for (const Flow &flow : flows) {
    report.packetHops += flow.server->GetReceived() * flow.hops;
    report.goodputBps += static_cast<double>(flow.server->GetReceived()) * load.bytes * 8;
  }
  report.goodputBps /= load.seconds;
  Simulator::Destroy();
  report.print();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// One bulk TCP transfer (NewReno) over a 10 Mbit/s, 20 ms one-way bottleneck with a 100-packet
// drop-tail queue.
#include "tests/peers/ns3/report.h"

#include <CLI/CLI.hpp>
#include <ns3/applications-module.h>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <ns3/traffic-control-module.h>

using namespace ns3;

namespace {

struct Outcome {
  double wallS = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t hops = 0;
};

void setDefaults() {
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpNewReno::GetTypeId()));
  Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(false));
  // With timestamps a segment of 1460 bytes would be sent in two fragments.
  Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1460));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(1 << 20));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(1 << 20));
}

NetDeviceContainer connect(Ptr<Node> a, Ptr<Node> b, const char *rate, const char *delay,
                           Ipv4AddressHelper &addresses) {
  PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", StringValue(rate));
  link.SetChannelAttribute("Delay", StringValue(delay));
  link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("100p"));
  const NetDeviceContainer ends = link.Install(a, b);
  addresses.Assign(ends);
  addresses.NewNetwork();
  TrafficControlHelper().Uninstall(ends);
  return ends;
}

Outcome run(double seconds, bool countHops) {
  NodeContainer nodes;
  nodes.Create(4); // sender, two routers, receiver
  InternetStackHelper().Install(nodes);
  Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
  NetDeviceContainer devices;
  devices.Add(connect(nodes.Get(0), nodes.Get(1), "1Gbps", "0ns", addresses));
  devices.Add(connect(nodes.Get(1), nodes.Get(2), "10Mbps", "20ms", addresses));
  devices.Add(connect(nodes.Get(2), nodes.Get(3), "1Gbps", "0ns", addresses));
  Ipv4GlobalRoutingHelper::PopulateRoutingTables();

  const std::uint16_t port = 5000;
  const ApplicationContainer sinks =
      PacketSinkHelper("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), port))
          .Install(nodes.Get(3));
  const Ipv4Address target = nodes.Get(3)->GetObject<Ipv4>()->GetAddress(1, 0).GetLocal();
  BulkSendHelper bulk("ns3::TcpSocketFactory", InetSocketAddress(target, port));
  bulk.SetAttribute("MaxBytes", UintegerValue(0));
  bulk.SetAttribute("SendSize", UintegerValue(1460));
  bulk.Install(nodes.Get(0));

  Outcome outcome;
  if (countHops) {
    const auto count = MakeBoundCallback(
        +[](std::uint64_t *hops, Ptr<const Packet>) { ++*hops; }, &outcome.hops);
    for (std::uint32_t i = 0; i < devices.GetN(); ++i)
      devices.Get(i)->TraceConnectWithoutContext("PhyRxEnd", count);
  }
  Simulator::Stop(Seconds(seconds));
  outcome.wallS = timed([] { Simulator::Run(); });
  outcome.events = Simulator::GetEventCount();
  outcome.bytes = sinks.Get(0)->GetObject<PacketSink>()->GetTotalRx();
  Simulator::Destroy();
  return outcome;
}

} // namespace

int main(int argc, char **argv) {
  double seconds = 60;
  CLI::App app("dumbbell on ns-3");
  app.add_option("--sim-seconds", seconds);
  CLI11_PARSE(app, argc, argv);

  setDefaults();
  const Outcome outcome = run(seconds, false);
  Report report;
  report.load = "dumbbell";
  report.simulatedS = seconds;
  report.wallS = outcome.wallS;
  report.events = outcome.events;
  // Counting costs time, so it is done in a second run, which is the same run.
  report.packetHops = run(seconds, true).hops;
  report.goodputBps = static_cast<double>(outcome.bytes) * 8 / seconds;
  report.print();
}

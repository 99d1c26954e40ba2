// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/net/blueprint.h"
#include "core/programs/parameter.h"
#include "core/trace/record.h"
#include "core/transport/socket.h"
#include "core/wire/packet.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::programs {

/// Names a timer of one program; a cancelled or fired one is stale and harmless, and so is one that
/// was never set.
struct TimerId {
  std::uint32_t slot = 0xffffffffU;
  std::uint32_t generation = 0;
  bool operator==(const TimerId &) const = default;
};

/// The answer to a name look-up.
struct Resolution {
  enum class Status : std::uint8_t { Ok, NoSuchName, NoAnswer, NoServer };
  Status status = Status::Ok;
  std::vector<wire::Ipv4Address> addresses;
  bool fromCache = false;
  SimTime learned = {}, expires = {}; ///< from the cache: when it came, until when it is kept
  transport::Endpoint server = {};    ///< who was asked, unless it is from the cache
};

/// The hands a program works with; valid only during the call it is passed to. Everything a
/// program does to the world goes through here.
class Context {
public:
  virtual ~Context() = default;

  virtual SimTime now() const = 0;
  virtual const net::NodeSpec &node() const = 0;
  /// What the node's own clock says, which may be wrong (skew, drift): for time stamps that other
  /// nodes compare. Timers follow the drift of this clock by themselves.
  virtual SimTime clock() const = 0;
  /// The same clock for measuring spans: it drifts, but setting the clock does not move it (as
  /// CLOCK_MONOTONIC). Nobody else's readings compare with it.
  virtual SimTime steadyClock() const = 0;
  /// How long the node's processor needs for so much work as it is now (a slow one needs longer).
  virtual Duration work(Duration cpu) const = 0;
  /// The program's own stream for one purpose; the same object for the rest of the run.
  virtual RandomStream &random(std::string_view purpose) = 0;

  // Sockets, see transport::Stack for the meaning of each.
  virtual transport::SocketId udpOpen(std::uint16_t port) = 0;
  virtual bool udpSend(transport::SocketId socket, transport::Endpoint to, wire::Payload data,
                       std::optional<std::uint32_t> interface = {}) = 0;
  virtual void joinGroup(transport::SocketId socket, std::uint32_t interface,
                         wire::Ipv4Address group) = 0;
  virtual transport::SocketId tcpListen(std::uint16_t port, const transport::TcpOptions &o) = 0;
  virtual transport::SocketId tcpConnect(transport::Endpoint to, const transport::TcpOptions &o,
                                         std::uint16_t localPort = 0) = 0;
  virtual std::uint32_t tcpSend(transport::SocketId socket, const wire::Payload &data) = 0;
  virtual void close(transport::SocketId socket) = 0;
  virtual void abort(transport::SocketId socket) = 0;
  virtual void setReading(transport::SocketId socket, bool on) = 0;
  virtual transport::SocketId rawOpen(std::uint8_t ipProtocol) = 0;
  virtual void rawSend(transport::SocketId socket, wire::Packet packet,
                       std::optional<std::uint32_t> interface = {}) = 0;
  virtual transport::SocketId linkOpen(std::uint16_t etherType) = 0;
  virtual void linkSend(transport::SocketId socket, std::uint32_t interface,
                        wire::Packet frame) = 0;

  /// A further address on an interface: the node answers ARP for it (with mac, when given, whose
  /// frames it then takes too, else with the card's own) and takes packets for it.
  virtual void takeAddress(std::uint32_t interface, wire::Ipv4Address address,
                           std::optional<wire::MacAddress> mac = {}) = 0;
  /// Gives it up; connections on it stay, unheard. Nothing happens when it is not held.
  virtual void releaseAddress(wire::Ipv4Address address) = 0;
  /// Tells everybody on the interface's network who has a held address (gratuitous ARP, a broadcast
  /// request: RFC 5944 section 4.6).
  virtual void announceAddress(wire::Ipv4Address address) = 0;

  // The node's disk: files of entries. What is written can be read at once, but survives a crash
  // only when a sync that began after it has ended (then onSynced). A restart keeps the disk.
  virtual void diskAppend(std::string_view file, std::string entry) = 0;
  /// Keeps only the first so many entries.
  virtual void diskTruncate(std::string_view file, std::size_t entries) = 0;
  /// Begins a sync of everything written so far; syncs of one node follow one another.
  virtual void diskSync(std::uint64_t tag) = 0;
  /// Everything in the file, in order; valid until it is written to. Empty when there is none.
  virtual std::vector<std::string> diskRead(std::string_view file) const = 0;

  /// Tells the other programs of this node something: onNews(topic, value) follows for each, never
  /// before this call returns.
  virtual void tellNode(std::string_view topic, std::string_view value) = 0;
  /// Switches another node's power off (it crashes) or on again (it restarts), as a power switch
  /// does; soon, at this instant. node: its id.
  virtual void setPower(std::string_view node, bool on) = 0;

  /// Calls onTimer(tag) once after the delay (0 or more).
  virtual TimerId setTimer(Duration delay, std::uint64_t tag) = 0;
  virtual void cancelTimer(TimerId timer) = 0;

  /// Asks the node's resolver; onResolved(tag) follows, never before this call returns.
  virtual void resolve(std::string_view name, std::uint64_t tag) = 0;
  /// For resolvers only: hands the answer to the program that asked.
  virtual void completeResolve(std::uint32_t askingProgram, std::uint64_t tag,
                               Resolution answer) = 0;

  /// A line of text at this node and instant, for people.
  virtual void note(std::string_view text) = 0;
  /// A named milestone such as "http.request-sent"; object says which one (a URL, a name).
  virtual void phase(std::string_view milestone, std::string_view object = {}) = 0;
  /// A client's request begins; gives its number. service: whose availability it counts for.
  virtual std::uint64_t requestStarted(std::string_view what, std::string_view service = {}) = 0;
  virtual void requestEnded(std::uint64_t number, trace::RequestOutcome outcome, Duration latency,
                            std::uint64_t bytes, std::string_view detail = {}) = 0;
  /// Something that views tell about one of its connections.
  virtual void fact(transport::SocketId socket, trace::FactTopic topic, std::string_view name,
                    std::string_view value, std::string_view detail = {}) = 0;
  /// Views show that it waits for the instant that lies so far ahead; without a delay: no more.
  virtual void countdown(trace::CountdownKind kind, std::optional<Duration> delay,
                         std::string_view service) = 0;
  /// The certificate authorities of the network, in the order of their nodes.
  virtual const tls::Authorities &authorities() const = 0;
  /// Of the run; for what must be the same wherever it is made, such as certificates.
  virtual std::uint64_t seed() const = 0;
  /// One value of a metric the program declares, such as "voice.gap_ms".
  virtual void sample(std::string_view metric, double value) = 0;
};

/// One entry of a program's described state: a row, or a table with rows beneath it.
struct Described {
  std::string name, value, help;
  std::vector<Described> children;
};

/// A small state machine on the socket API. It reads no clock but the context's and keeps all its
/// state in members that clone() copies.
class Program {
public:
  virtual ~Program() = default;
  virtual std::unique_ptr<Program> clone() const = 0;

  /// The node came up (at the start of the run and after each restart, then from fresh state).
  virtual void start(Context &ctx) = 0;
  virtual void onSocket(Context &, const transport::SocketEvent &) {}
  virtual void onTimer(Context &, std::uint64_t /*tag*/) {}
  virtual void onResolved(Context &, std::uint64_t /*tag*/, const Resolution &) {}
  /// A diskSync has ended: what was written before it began survives a crash.
  virtual void onSynced(Context &, std::uint64_t /*tag*/) {}
  /// Another program of the node told something.
  virtual void onNews(Context &, std::string_view /*topic*/, std::string_view /*value*/) {}
  /// A person asks this node by hand to take its services over.
  virtual void onPromote(Context &) {}
  /// A person ends its waiting by hand: whatever it would do at the end of its time-out (stand for
  /// election) it does now.
  virtual void onTimeOut(Context &) {}
  /// A resolver answers other programs of its node; true when this program is one.
  virtual bool isResolver() const { return false; }
  virtual void onResolve(Context &, std::uint32_t /*askingProgram*/, std::uint64_t /*tag*/,
                         std::string_view /*name*/) {}

  /// Its state as tables for the inspector.
  virtual std::vector<Described> describe(SimTime now) const = 0;
};

/// Base that supplies clone() from the copy constructor.
template <class Derived> class ProgramOf : public Program {
public:
  std::unique_ptr<Program> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived &>(*this));
  }
};

/// What a kind of program is: its name in documents, its parameters, how to make one.
struct ProgramType {
  std::string_view kind;  ///< as in the document: "dns-server"
  std::string_view title; ///< for people: "DNS server"
  std::string_view help;  ///< one line
  std::string_view icon;  ///< of the icon set
  std::vector<Parameter> parameters;
  /// The values were validated against the parameters.
  std::unique_ptr<Program> (*make)(const ParameterValues &values);
};

/// All kinds of programs there are, ordered by kind. The one explicit registry.
const std::vector<ProgramType> &programTypes();
const ProgramType *findProgramType(std::string_view kind);

} // namespace packetarium::programs

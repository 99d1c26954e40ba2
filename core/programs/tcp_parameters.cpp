// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/tcp_parameters.h"

#include "core/programs/declare.h"

#include <iterator>

namespace packetarium::programs {
namespace {

using transport::TcpOptions;

Parameter mss() {
  return declare::integer("mss", "bytes", TcpOptions{}.mss, 64, 1460,
                          "Largest segment it announces to receive (RFC 9293 3.7.1)");
}
Parameter delayedAck() {
  return declare::boolean("delayed_ack", TcpOptions{}.delayedAck,
                          "Acknowledges every second segment (RFC 9293 3.8.6.3)");
}
Parameter nagle() {
  return declare::boolean(
      "nagle", TcpOptions{}.nagle,
      "Holds back small segments while data is unacknowledged (RFC 9293 3.7.4)");
}
Parameter timeWait() {
  return declare::duration("time_wait_ns", TcpOptions{}.timeWait, 0, 240 * declare::second,
                           "Rest in TIME-WAIT: two maximum segment lifetimes");
}
Parameter synRetries() {
  return declare::integer("syn_retries", "", TcpOptions{}.synRetries, 0, 15,
                          "SYN retransmissions before the attempt fails");
}

} // namespace

std::vector<Parameter> shortTcpParameters() {
  return {mss(), delayedAck(), nagle(), timeWait(), synRetries()};
}

std::vector<Parameter> fullTcpParameters() {
  const TcpOptions o;
  return {
      mss(),
      declare::integer("receive_buffer_bytes", "bytes", o.receiveBuffer, 536, 64.0 * 1024 * 1024,
                       "Largest receive window"),
      declare::integer("send_buffer_bytes", "bytes", o.sendBuffer, 536, 64.0 * 1024 * 1024,
                       "What may wait to be sent or acknowledged"),
      declare::boolean("window_scale", o.windowScale,
                       "Offers window scaling: windows above 65535 bytes (RFC 7323)"),
      delayedAck(),
      declare::duration("delayed_ack_ns", o.delayedAckTime, 0, 500 * declare::millisecond,
                        "Longest time an acknowledgment is held back"),
      nagle(),
      declare::boolean("limited_transmit", o.limitedTransmit,
                       "Sends new data on the first two duplicate ACKs (RFC 3042)"),
      declare::duration("rto_min_ns", o.rtoMin, declare::millisecond, 60 * declare::second,
                        "Smallest retransmission timeout (RFC 6298 2.4)"),
      declare::duration("rto_initial_ns", o.rtoInitial, declare::millisecond, 60 * declare::second,
                        "Retransmission timeout before the first measurement (RFC 6298 2.1)"),
      declare::duration("rto_max_ns", o.rtoMax, declare::second, 600 * declare::second,
                        "Largest retransmission timeout (RFC 6298 2.5)"),
      synRetries(),
      declare::integer("data_retries", "", o.dataRetries, 1, 30,
                       "Retransmissions of one segment before the connection fails"),
      timeWait(),
  };
}

transport::TcpOptions tcpOptions(const ParameterValues &values) {
  TcpOptions o;
  const auto integer = [&values](std::string_view key, auto &target) {
    const auto found = values.all().find(std::string(key));
    if (found == values.all().end()) return;
    target = static_cast<std::remove_reference_t<decltype(target)>>(
        std::get<std::int64_t>(found->second));
  };
  const auto boolean = [&values](std::string_view key, bool &target) {
    const auto found = values.all().find(std::string(key));
    if (found != values.all().end()) target = std::get<bool>(found->second);
  };
  const auto duration = [&integer](std::string_view key, Duration &target) {
    std::int64_t ns = target.ns();
    integer(key, ns);
    target = Duration::ns(ns);
  };
  integer("mss", o.mss);
  integer("receive_buffer_bytes", o.receiveBuffer);
  integer("send_buffer_bytes", o.sendBuffer);
  boolean("window_scale", o.windowScale);
  boolean("delayed_ack", o.delayedAck);
  duration("delayed_ack_ns", o.delayedAckTime);
  boolean("nagle", o.nagle);
  boolean("limited_transmit", o.limitedTransmit);
  duration("rto_min_ns", o.rtoMin);
  duration("rto_initial_ns", o.rtoInitial);
  duration("rto_max_ns", o.rtoMax);
  integer("syn_retries", o.synRetries);
  integer("data_retries", o.dataRetries);
  duration("time_wait_ns", o.timeWait);
  return o;
}

std::vector<Parameter> joined(std::vector<Parameter> first, std::vector<Parameter> second) {
  first.insert(first.end(), std::make_move_iterator(second.begin()),
               std::make_move_iterator(second.end()));
  return first;
}

} // namespace packetarium::programs

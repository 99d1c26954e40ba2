// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/mail_queue/delivery.h"

#include <map>

namespace packetarium::programs::mail {

/// A mail server: takes letters over SMTP, keeps those for its own domain and hands the others on
/// to the server of theirs, again and again until it takes them. A letter that it has accepted is
/// on its disk.
class MailQueue final : public ProgramOf<MailQueue> {
public:
  explicit MailQueue(const ParameterValues &v);

  void start(Context &ctx) override;
  void onSocket(Context &ctx, const transport::SocketEvent &event) override;
  void onTimer(Context &ctx, std::uint64_t tag) override;
  void onSynced(Context &ctx, std::uint64_t tag) override;
  std::vector<Described> describe(SimTime now) const override;

private:
  using SocketId = transport::SocketId;
  enum Timer : std::uint64_t { SampleTime, GiveUp, Due = 16 };

  struct Client {
    LineStream lines;
    ServerDialogue dialogue;
  };
  struct Queued {
    Letter letter;
    SimTime since;
    int attempts = 0;
    bool due = true;
  };

  void load(Context &ctx);
  void onClient(Context &ctx, const transport::SocketEvent &event);
  void hear(Context &ctx, SocketId socket, const std::string &line);
  bool takesMailFor(const std::string &address) const;
  void accept(Context &ctx, SocketId socket, Letter letter);
  void take(Context &ctx, std::uint64_t number);
  void deliver(Context &ctx, const Letter &letter);
  void sendNext(Context &ctx);
  void onOutcome(Context &ctx, const Delivery::Outcome &outcome);
  void defer(Context &ctx, const std::string &why);
  void finish(Context &ctx, std::uint64_t number);

  std::string m_domain;
  std::uint16_t m_port = 0;
  std::map<std::string, wire::Ipv4Address, std::less<>> m_relays; ///< by domain
  Duration m_retry, m_retryMax, m_expires, m_timeout;

  SocketId m_listener = transport::noSocket;
  std::map<SocketId, Client> m_clients;
  std::uint64_t m_last = 0;                                       ///< number of the newest letter
  std::map<std::uint64_t, std::pair<SocketId, Letter>> m_syncing; ///< not safe yet
  std::map<std::uint64_t, Queued> m_queue;
  Delivery m_delivery;
  std::uint64_t m_delivering = 0;
  TimerId m_timer;
  std::uint64_t m_accepted = 0, m_delivered = 0, m_forwarded = 0, m_bounced = 0;
};

} // namespace packetarium::programs::mail

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/mail_queue/delivery.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <deque>

namespace packetarium::programs {
namespace {

using trace::RequestOutcome;
using transport::SocketEvent;
using End = mail::ClientDialogue::End;

/// A person's mail program: writes a letter now and then and hands it to a mail server; what the
/// server does not take waits in the outbox.
class MailSender final : public ProgramOf<MailSender> {
public:
  explicit MailSender(const ParameterValues &v)
      : m_server(v.text("peer"), static_cast<std::uint16_t>(v.integer("port"))),
        m_service(v.text("service").empty() ? "mail" : v.text("service")),
        m_from(v.text("from")),
        m_to(v.text("to")),
        m_bytes(static_cast<std::size_t>(v.integer("bytes"))),
        m_start(v.duration("start_ns")),
        m_interval(v.duration("interval_ns")),
        m_retry(v.duration("retry_ns")),
        m_timeout(v.duration("timeout_ns")),
        m_count(static_cast<std::uint64_t>(v.integer("count"))) {}

  void start(Context &ctx) override { ctx.setTimer(m_start, Write); }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    switch (static_cast<Timer>(tag)) {
    case Write: write(ctx); return;
    case Again:
      m_pausing = false;
      sendNext(ctx);
      return;
    case GiveUp: onOutcome(ctx, m_delivery.giveUp(ctx), RequestOutcome::Timeout); return;
    }
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (!m_delivery.owns(event.socket)) return;
    const RequestOutcome outcome = event.kind == SocketEvent::Kind::Failed
                                       ? outcomeOf(event.error)
                                       : RequestOutcome::ServerError;
    onOutcome(ctx, m_delivery.onSocket(ctx, event), outcome);
  }

  void onResolved(Context &ctx, std::uint64_t, const Resolution &answer) override {
    if (m_server.take(answer))
      connect(ctx);
    else
      onOutcome(ctx, {End::Later, sentence(answer.status, m_server.name())},
                outcomeOf(answer.status));
  }

  std::vector<Described> describe(SimTime) const override {
    return {row("from", m_from), row("to", m_to), row("written", text(m_written)),
            row("taken by the server", text(m_taken)),
            row("outbox", text(m_outbox.size()), "not taken yet")};
  }

private:
  enum Timer : std::uint64_t { Write, Again, GiveUp };

  void write(Context &ctx) {
    mail::Letter letter{
        m_from, m_to, fmt::format("{}@{}", ++m_written, ctx.node().id), ctx.clock(), {}};
    while (letter.body.size() < m_bytes)
      letter.body += "All is well here, and this line is as long as many others.\r\n";
    ctx.phase("mail.written", letter.id);
    m_outbox.push_back(std::move(letter));
    if (m_count == 0 || m_written < m_count) ctx.setTimer(m_interval, Write);
    sendNext(ctx);
  }

  void sendNext(Context &ctx) {
    if (m_busy || m_pausing || m_outbox.empty()) return;
    m_busy = true;
    m_began = ctx.now();
    m_request = ctx.requestStarted("mail " + m_outbox.front().id, m_service);
    m_timer = ctx.setTimer(m_timeout, GiveUp);
    if (m_server.lookUp(ctx, 0)) connect(ctx);
  }

  void connect(Context &ctx) {
    if (!m_busy || m_delivery.busy()) return; // an answer to an earlier question
    onOutcome(ctx, m_delivery.begin(ctx, m_server.endpoint(), ctx.node().id, m_outbox.front()),
              RequestOutcome::Cancelled);
  }

  void onOutcome(Context &ctx, mail::Delivery::Outcome outcome, RequestOutcome failed) {
    if (failed == RequestOutcome::Timeout && outcome.end == End::None)
      outcome = {End::Later, "the server's name was not found in time"};
    if (!m_busy || outcome.end == End::None) return;
    m_busy = false;
    ctx.cancelTimer(m_timer);
    const bool taken = outcome.end == End::Accepted;
    ctx.requestEnded(m_request, taken ? RequestOutcome::Ok : failed, ctx.now() - m_began,
                     m_outbox.front().body.size(), taken ? "" : outcome.why);
    if (taken) ++m_taken;
    if (outcome.end == End::Never) ctx.phase("mail.refused", outcome.why);
    if (outcome.end != End::Later) {
      m_outbox.pop_front();
      sendNext(ctx);
      return;
    }
    m_pausing = true;
    ctx.setTimer(m_retry, Again);
  }

  Peer m_server;
  std::string m_service, m_from, m_to;
  std::size_t m_bytes;
  Duration m_start, m_interval, m_retry, m_timeout;
  std::uint64_t m_count;

  std::deque<mail::Letter> m_outbox;
  mail::Delivery m_delivery;
  bool m_busy = false, m_pausing = false;
  SimTime m_began;
  std::uint64_t m_request = 0, m_written = 0, m_taken = 0;
  TimerId m_timer;
};

} // namespace

ProgramType mailSenderType() {
  using namespace declare;
  return {"mail-sender",
          "Mail program",
          "Writes a letter now and then and hands it to a mail server",
          "laptop",
          {peer("Mail server that takes its letters"), port(mail::port, "TCP port of the server"),
           text("service", "", "What the mail service is called in views of services; empty: mail"),
           text("from", "ann@example.com", "Own address"),
           text("to", "bob@example.org", "Whom it writes to"),
           integer("bytes", "B", 500, 0, 10'000, "Length of a letter's text"), startAt(),
           duration("interval_ns", Duration::seconds(5), millisecond, 1000 * hour,
                    "Writes one this often"),
           integer("count", "", 0, 0, 1e9, "Writes so many; 0: no end"),
           duration("retry_ns", Duration::seconds(5), millisecond, 1000 * hour,
                    "Asks a server again after this that did not take a letter"),
           duration("timeout_ns", Duration::seconds(10), millisecond, hour,
                    "Gives one try up after this")},
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<MailSender>(v);
          }};
}

} // namespace packetarium::programs

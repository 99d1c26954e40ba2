// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/types.h"
#include "core/programs/url.h"
#include "core/wire/http.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace wire::http;
using trace::RequestOutcome;
using transport::SocketEvent;
using transport::SocketId;

/// Fetches a page again and again, step by step as a browser does: resolve the name, connect, ask,
/// read, close.
class Browser final : public ProgramOf<Browser> {
public:
  explicit Browser(const ParameterValues &v)
      : m_url(Url::parse(v.text("url")).value_or(Url{})),
        m_peer(m_url.host, m_url.port),
        m_tcp(tcpOptions(v)),
        m_start(v.duration("start_ns")),
        m_interval(v.duration("interval_ns")),
        m_timeout(v.duration("timeout_ns")),
        m_count(static_cast<std::uint64_t>(v.integer("count"))),
        m_keepAlive(v.boolean("keep_alive")) {
    m_paths.push_back(m_url.path);
    for (const ParameterRow &row : v.rows("objects"))
      m_paths.push_back(std::get<std::string>(row.values.at("path")));
  }

  void start(Context &ctx) override { ctx.setTimer(m_start, Fetch); }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Fetch) {
      fetch(ctx);
    } else {
      const std::string waiting = m_stage == Stage::Resolving    ? "the name"
                                  : m_stage == Stage::Connecting ? "the connection"
                                                                 : "the response";
      fail(ctx, RequestOutcome::Timeout,
           fmt::format("Gave up after {}: still waiting for {}.", toString(m_timeout), waiting));
    }
  }

  void onResolved(Context &ctx, std::uint64_t tag, const Resolution &answer) override {
    if (m_stage != Stage::Resolving || tag != m_fetches) return;
    if (!m_peer.take(answer)) {
      fail(ctx, outcomeOf(answer.status), sentence(answer.status, m_peer.name()));
      return;
    }
    connect(ctx);
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.socket == transport::noSocket) return;
    const bool ofFetch = event.socket == m_socket && fetching();
    switch (event.kind) {
    case SocketEvent::Kind::Connected:
      if (!ofFetch) return;
      ctx.phase("browser.connected", event.remote.text());
      sendRequest(ctx);
      return;
    case SocketEvent::Kind::Data:
      if (ofFetch) onData(ctx, event.data);
      return;
    case SocketEvent::Kind::PeerClosed: onPeerClosed(ctx, event.socket, ofFetch); return;
    case SocketEvent::Kind::Closed:
      ctx.phase("browser.closed", event.remote.text());
      if (event.socket == m_socket) m_socket = transport::noSocket;
      return;
    case SocketEvent::Kind::Failed: onFailed(ctx, event, ofFetch); return;
    default: return;
    }
  }

  std::vector<Described> describe(SimTime now) const override {
    Described last = row("last result", m_lastResult.empty() ? "none yet" : m_lastResult);
    std::vector<Described> rows = {row("URL", m_url.text()), row("doing", doing(now)),
                                   std::move(last), row("pages shown", text(m_shown)),
                                   row("failed", text(m_failed))};
    if (m_peer.known()) {
      rows.push_back(row("address", m_peer.endpoint().text(),
                         std::string(wire::specialPurpose(m_peer.endpoint().address))));
    }
    return rows;
  }

private:
  enum Tag : std::uint64_t { Fetch, Timeout };
  enum class Stage : std::uint8_t { Idle, Resolving, Connecting, Waiting };

  bool fetching() const { return m_stage == Stage::Connecting || m_stage == Stage::Waiting; }

  std::string doing(SimTime now) const {
    const std::string since = fmt::format(" ({})", inMs(now - m_began));
    switch (m_stage) {
    case Stage::Idle: return m_fetches == 0 ? "has not begun" : "rests until the next fetch";
    case Stage::Resolving: return "resolves " + m_url.host + since;
    case Stage::Connecting: return "connects to " + m_peer.endpoint().text() + since;
    case Stage::Waiting: return "waits for " + m_paths[m_path] + since;
    }
    return {};
  }

  void fetch(Context &ctx) {
    ++m_fetches;
    m_began = ctx.now();
    m_path = 0;
    m_bytes = 0;
    ctx.phase("browser.url-entered", m_url.text());
    m_request = ctx.requestStarted(m_url.text());
    m_timer = ctx.setTimer(m_timeout, Timeout);
    if (m_socket != transport::noSocket) {
      m_reused = true;
      m_parser = Parser(Parser::Role::Responses);
      sendRequest(ctx);
      return;
    }
    resolve(ctx);
  }

  void resolve(Context &ctx) {
    m_reused = false;
    m_stage = Stage::Resolving;
    ctx.phase("browser.resolving", m_url.host);
    if (m_peer.lookUp(ctx, m_fetches)) connect(ctx);
  }

  void connect(Context &ctx) {
    m_stage = Stage::Connecting;
    m_parser = Parser(Parser::Role::Responses);
    ctx.phase("browser.address-known",
              fmt::format("{} is {}", m_url.host, m_peer.endpoint().address.text()));
    ctx.phase("browser.connecting", m_peer.endpoint().text());
    m_socket = ctx.tcpConnect(m_peer.endpoint(), m_tcp);
    if (m_socket == transport::noSocket)
      fail(ctx, RequestOutcome::Refused, "No connection could be opened.");
  }

  void sendRequest(Context &ctx) {
    m_stage = Stage::Waiting;
    m_parser.expectAnswerTo("GET");
    ctx.phase("browser.request-sent", fmt::format("GET {}", m_paths[m_path]));
    // It closes the connection itself when it has what it wants, so it asks to keep it open.
    ctx.tcpSend(m_socket, serialise(get(m_url.authority(), m_paths[m_path], true)));
  }

  void onData(Context &ctx, const wire::Payload &data) {
    m_reused = false;
    if (!m_parser.feed(data).ok()) {
      fail(ctx, RequestOutcome::ServerError,
           "The server answered with something that is not HTTP.");
      return;
    }
    takeMessage(ctx);
  }

  void takeMessage(Context &ctx) {
    const auto message = m_parser.take();
    if (!message) return;
    m_bytes += message->bodyBytes;
    if (message->response().status < 200) return; // interim (RFC 9110 section 15.2)
    if (m_path == 0) m_status = message->response();
    if (++m_path == m_paths.size()) {
      finish(ctx, message->keepAlive);
    } else if (message->keepAlive) {
      sendRequest(ctx);
    } else {
      closeOwn(ctx);
      resolve(ctx);
    }
  }

  void finish(Context &ctx, bool serverKeepsOpen) {
    const std::string result =
        fmt::format("{} {}, {} bytes", m_status.status, m_status.reason, m_bytes);
    ctx.phase("browser.response-received", result);
    const Duration took = ctx.now() - m_began;
    const auto outcome = m_status.status >= 500 ? RequestOutcome::ServerError : RequestOutcome::Ok;
    ctx.requestEnded(m_request, outcome, took, m_bytes, result);
    ctx.sample("browser.load_ms", took.toMs());
    m_lastResult = fmt::format("{} after {}", result, inMs(took));
    ++m_shown;
    if (!m_keepAlive || !serverKeepsOpen) closeOwn(ctx);
    rest(ctx);
  }

  void closeOwn(Context &ctx) {
    if (m_socket == transport::noSocket) return;
    ctx.phase("browser.closing", m_peer.endpoint().text());
    ctx.close(m_socket);
    m_socket = transport::noSocket; // its last events are told, but belong to no fetch
  }

  void onPeerClosed(Context &ctx, SocketId socket, bool ofFetch) {
    ctx.phase("browser.peer-closed", m_peer.endpoint().text());
    if (socket != m_socket) return;
    if (!ofFetch) {
      closeOwn(ctx);
      return;
    }
    const bool whole = m_parser.end().ok() && m_parser.hasMessage();
    if (whole)
      takeMessage(ctx);
    else
      retryOrFail(ctx, RequestOutcome::Reset,
                  "The server closed the connection before the response was complete.");
  }

  void onFailed(Context &ctx, const SocketEvent &event, bool ofFetch) {
    if (event.socket != m_socket) return;
    m_socket = transport::noSocket;
    if (ofFetch) retryOrFail(ctx, outcomeOf(event.error), sentence(event.error, m_peer.text()));
  }

  /// An idle connection may be closed just as it is used again: then the request goes out once more
  /// on a new one (RFC 9112 section 9.3.1).
  void retryOrFail(Context &ctx, RequestOutcome outcome, const std::string &why) {
    if (!m_reused) {
      fail(ctx, outcome, why);
      return;
    }
    closeOwn(ctx);
    resolve(ctx);
  }

  void fail(Context &ctx, RequestOutcome outcome, const std::string &why) {
    ctx.phase("browser.failed", why);
    ctx.note(why);
    ctx.requestEnded(m_request, outcome, ctx.now() - m_began, m_bytes, why);
    m_lastResult = why;
    ++m_failed;
    if (m_socket != transport::noSocket) ctx.abort(m_socket);
    m_socket = transport::noSocket;
    rest(ctx);
  }

  /// The next fetch begins an interval after this one began, or at once if that has passed.
  void rest(Context &ctx) {
    m_stage = Stage::Idle;
    ctx.cancelTimer(m_timer);
    if (m_count != 0 && m_fetches >= m_count) return;
    const SimTime next = std::max(m_began + m_interval, ctx.now());
    ctx.setTimer(next - ctx.now(), Fetch);
  }

  Url m_url;
  Peer m_peer;
  transport::TcpOptions m_tcp;
  Duration m_start, m_interval, m_timeout;
  std::uint64_t m_count = 0;
  bool m_keepAlive = false;
  std::vector<std::string> m_paths; ///< the page, then what it needs besides

  Stage m_stage = Stage::Idle;
  SocketId m_socket = transport::noSocket;
  TimerId m_timer;
  bool m_reused = false; ///< the connection carried an earlier fetch, and has not answered this one
  SimTime m_began;
  std::size_t m_path = 0; ///< which of the paths is being fetched
  std::uint64_t m_request = 0, m_bytes = 0, m_fetches = 0, m_shown = 0, m_failed = 0;
  Parser m_parser{Parser::Role::Responses};
  Response m_status;
  std::string m_lastResult;
};

} // namespace

ProgramType browserType() {
  using namespace declare;
  Parameter url = required(text("url", "", "The page: http://host[:port]/path"));
  url.checkText = checkUrl;
  Parameter path = required(text("path", "", "Path on the same server"));
  path.checkText = checkPath;
  return {"browser",
          "Browser",
          "Fetches a page: resolves the name, connects, asks, reads, closes; again and again",
          "browser",
          joined({std::move(url),
                  records("objects", {std::move(path)},
                          "What the page needs besides, fetched over the same connection"),
                  startAt(),
                  duration("interval_ns", Duration::seconds(2), millisecond, 1000 * hour,
                           "From the beginning of one fetch to the next"),
                  integer("count", "", 0, 0, 1e9, "Fetches; 0: no end"),
                  duration("timeout_ns", Duration::seconds(30), millisecond, hour,
                           "Gives a fetch up after this"),
                  boolean("keep_alive", false, "Keeps the connection for the next fetch")},
                 shortTcpParameters()),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<Browser>(v);
          }};
}

} // namespace packetarium::programs

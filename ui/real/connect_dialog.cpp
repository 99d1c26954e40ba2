// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/real/connect_dialog.h"

#include "ui/real/handshake_comparison.h"
#include "ui/real/real_connection.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/rows.h"
#include "ui/widgets/segmented_control.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHostAddress>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

struct Verdict {
  QString text;
  TextRole role = TextRole::Body;
  const char *icon = "info";
  QColor ink;
};

// No resolver answers this fast: it was asked a moment ago, and the answer kept.
constexpr qint64 rememberedNsMax = 50'000;

QString connectedTo(const RealHandshake &seen) {
  const bool same = seen.peer == seen.target.host;
  QString text =
      same ? ConnectDialog::tr("Connected to %1.").arg(textOf(seen.target))
           : ConnectDialog::tr("Connected to %1 at %2.").arg(textOf(seen.target), seen.peer);
  const PhaseTime *name = seen.phase(HandshakePhase::Name);
  if (name != nullptr && name->durationNs < rememberedNsMax)
    text += u' ' + ConnectDialog::tr("Its address was still known from the time before.");
  if (!seen.answer.isEmpty())
    text += u' ' + ConnectDialog::tr("The page's answer begins “%1”.").arg(seen.answer);
  if (!seen.passedOver.isEmpty())
    text += u' ' + ConnectDialog::tr("Before that: %1").arg(seen.passedOver.join(u' '));
  return text;
}

Verdict verdictOn(const RealHandshake &seen, const Theme &theme) {
  const bool trusted = seen.chainFaults.isEmpty();
  switch (seen.outcome) {
  case Outcome::Failed: return {seen.message, TextRole::Bad, "error", theme.bad};
  case Outcome::Cancelled: return {seen.message, TextRole::Secondary, "info", theme.dim};
  case Outcome::BrokenOff:
    return {connectedTo(seen) + u' ' + seen.message, TextRole::Bad, "warning", theme.bad};
  case Outcome::Done: break;
  }
  if (trusted)
    return {connectedTo(seen) + u' ' +
                ConnectDialog::tr("Its chain leads to a root that this machine trusts, for this "
                                  "name and today."),
            TextRole::Body, "check", theme.good};
  return {connectedTo(seen) + u' ' +
              ConnectDialog::tr("Its chain is not trusted; it was carried on all the same, as "
                                "asked."),
          TextRole::Warn, "warning", theme.warn};
}

} // namespace

ConnectDialog::ConnectDialog(const ThemeHub &hub, QWidget *parent)
    : QDialog(parent),
      m_hub(hub),
      m_host(new QLineEdit(this)),
      m_port(new QSpinBox(this)),
      m_versions(new SegmentedControl(hub, this)),
      m_alpn(new QComboBox(this)),
      m_breakOff(new QCheckBox(tr("Break off if the chain is not trusted"), this)),
      m_askForPage(new QCheckBox(tr("Ask for the page (GET /)"), this)),
      m_connect(new QPushButton(tr("Connect"), this)),
      m_verdictIcon(new QLabel(this)),
      m_verdict(new QLabel(this)),
      m_comparison(new HandshakeComparison(hub, this)),
      m_area(new QScrollArea(this)) {
  setWindowTitle(tr("Connect to a Real Server"));
  m_host->setPlaceholderText(tr("a name or an address"));
  m_host->setMaxLength(300);
  m_port->setRange(1, 65'535);
  m_port->setValue(443);
  m_versions->setAccessibleName(tr("Versions of TLS to offer"));
  m_versions->addSegment(tr("1.2 and 1.3"), tr("Offer both; the server chooses"));
  m_versions->addSegment(QStringLiteral("1.2"), tr("Offer TLS 1.2 alone"));
  m_versions->addSegment(QStringLiteral("1.3"), tr("Offer TLS 1.3 alone"));
  m_alpn->addItem(QStringLiteral("h2, http/1.1"), QStringList{"h2", "http/1.1"});
  m_alpn->addItem(QStringLiteral("http/1.1"), QStringList{"http/1.1"});
  m_alpn->addItem(tr("None"), QStringList{});
  m_breakOff->setChecked(true);
  m_breakOff->setToolTip(tr("When off, an untrusted connection is carried on; the faults of its "
                            "chain are shown either way"));
  m_askForPage->setToolTip(
      tr("Sends one request when the handshake is done; in HTTP/1.1, so h2 is not offered then"));
  build();
  connect(m_connect, &QPushButton::clicked, this,
          [this] { m_state == State::Working ? cancel() : connectNow(); });
  connect(m_host, &QLineEdit::textEdited, this, [this] { m_hostRow->setError({}); });
  connect(&hub, &ThemeHub::changed, this, &ConnectDialog::refresh);
  refresh();
}

ConnectDialog::~ConnectDialog() {
  m_thread.quit();
  m_thread.wait();
}

void ConnectDialog::build() {
  const Typography &type = m_hub.typography();
  auto *form = new QVBoxLayout;
  form->setContentsMargins(type.px(20), type.px(16), type.px(20), type.px(12));
  form->setSpacing(type.px(10));
  form->addLayout(makeTargetRow());
  form->addLayout(makeOptionRow());
  form->addLayout(makeVerdictRow());
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(form);
  m_area->setWidget(m_comparison);
  m_area->setWidgetResizable(true);
  m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_area->setFrameShape(QFrame::NoFrame);
  m_area->setAccessibleName(tr("The simulated and the real handshake"));
  column->addWidget(m_area, 1);
  m_connect->setDefault(true);
  const QSize room = screen()->availableSize() - QSize(type.px(80), type.px(80));
  resize(QSize(type.px(1000), type.px(720)).boundedTo(room));
}

QHBoxLayout *ConnectDialog::makeTargetRow() {
  auto *row = new QHBoxLayout;
  row->setSpacing(m_hub.typography().px(12));
  m_hostRow = new FormRow(m_hub, tr("Host"), m_host, {}, this);
  row->addWidget(m_hostRow, 1, Qt::AlignTop);
  row->addWidget(new FormRow(m_hub, tr("Port"), m_port, {}, this), 0, Qt::AlignTop);
  row->addWidget(new FormRow(m_hub, tr("TLS"), m_versions, {}, this), 0, Qt::AlignTop);
  row->addWidget(new FormRow(m_hub, tr("ALPN offered"), m_alpn, {}, this), 0, Qt::AlignTop);
  row->addWidget(new FormRow(m_hub, QStringLiteral(" "), m_connect, {}, this), 0, Qt::AlignTop);
  m_connect->setAccessibleName(QString());
  return row;
}

QHBoxLayout *ConnectDialog::makeOptionRow() {
  auto *row = new QHBoxLayout;
  row->setSpacing(m_hub.typography().px(16));
  row->addWidget(m_breakOff);
  row->addWidget(m_askForPage);
  row->addStretch(1);
  auto *privacy =
      new QLabel(tr("Packetarium contacts this host only when you press Connect."), this);
  setTextRole(*privacy, TextRole::Secondary);
  row->addWidget(privacy);
  return row;
}

QHBoxLayout *ConnectDialog::makeVerdictRow() {
  auto *row = new QHBoxLayout;
  row->setSpacing(m_hub.typography().px(8));
  m_verdict->setTextFormat(Qt::PlainText);
  m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_verdict->setWordWrap(true);
  m_verdict->setAccessibleName(tr("How it ended"));
  row->addWidget(m_verdictIcon, 0, Qt::AlignTop);
  row->addWidget(m_verdict, 1);
  return row;
}

void ConnectDialog::setTarget(const QString &host, quint16 port) {
  m_host->setText(host);
  m_port->setValue(port);
}

void ConnectDialog::setSimulated(std::optional<HandshakeFacts> facts) {
  m_simulated = std::move(facts);
  refresh();
}

ConnectOptions ConnectDialog::options() const {
  ConnectOptions options;
  options.versions = static_cast<TlsVersions>(m_versions->currentIndex());
  options.alpn.clear();
  const QStringList names = m_alpn->currentData().toStringList();
  for (const QString &name : names) options.alpn << name.toLatin1();
  options.onUntrusted = m_breakOff->isChecked() ? OnUntrusted::BreakOff : OnUntrusted::CarryOn;
  options.askForPage = m_askForPage->isChecked();
  return options;
}

RealConnection &ConnectDialog::connection() {
  if (m_connection != nullptr) return *m_connection;
  // In a thread of its own: what the window paints meanwhile would be measured otherwise.
  m_connection = new RealConnection;
  m_connection->moveToThread(&m_thread);
  connect(&m_thread, &QThread::finished, m_connection, &QObject::deleteLater);
  connect(m_connection, &RealConnection::phaseStarted, this, [this](HandshakePhase phase) {
    m_progress.current = phase;
    refresh();
  });
  connect(m_connection, &RealConnection::phaseEnded, this, [this](const PhaseTime &time) {
    m_progress.done.push_back(time);
    refresh();
  });
  connect(m_connection, &RealConnection::finished, this, &ConnectDialog::onFinished);
  m_thread.start();
  return *m_connection;
}

void ConnectDialog::connectNow() {
  if (m_state == State::Working) return;
  const auto target = targetOf(m_host->text(), static_cast<quint16>(m_port->value()));
  m_hostRow->setError(target ? QString() : tr("This is neither a host's name nor an address."));
  if (!target) return m_host->setFocus();
  setTarget(target->host, target->port);
  m_real.reset();
  m_progress = {};
  const ConnectOptions how = options();
  if (QHostAddress(target->host).isNull()) m_progress.expected = {HandshakePhase::Name};
  for (const HandshakePhase phase : {HandshakePhase::Tcp, HandshakePhase::Tls})
    m_progress.expected.push_back(phase);
  if (how.askForPage) m_progress.expected.push_back(HandshakePhase::FirstByte);
  m_progress.expected.push_back(HandshakePhase::Close);
  m_state = State::Working;
  refresh();
  Q_EMIT contacted(*target);
  RealConnection &real = connection();
  QMetaObject::invokeMethod(
      &real, [&real, target = *target, how] { real.start(target, how); }, Qt::QueuedConnection);
}

void ConnectDialog::cancel() {
  if (m_state == State::Working)
    QMetaObject::invokeMethod(m_connection, &RealConnection::cancel, Qt::QueuedConnection);
}

void ConnectDialog::reject() {
  cancel();
  QDialog::reject();
}

void ConnectDialog::onFinished(const RealHandshake &handshake) {
  m_real = handshake;
  m_state = handshake.secured ? State::Result : State::Failed;
  m_progress.current = handshake.stoppedIn;
  m_progress.end = ConnectProgress::End::Failed;
  refresh();
  Q_EMIT ended();
}

QWidget *ConnectDialog::insteadOfReal() {
  if (m_state == State::Empty)
    return new EmptyState(
        m_hub, "lock", tr("Name a host and press Connect: its handshake stands here, measured."));
  return new ConnectProgress(m_hub, m_progress);
}

void ConnectDialog::showVerdict() {
  const bool ended = m_real.has_value();
  m_verdict->setVisible(ended);
  m_verdictIcon->setVisible(ended);
  if (!ended) return;
  const Verdict verdict = verdictOn(*m_real, m_hub.theme());
  m_verdict->setText(verdict.text);
  setTextRole(*m_verdict, verdict.role);
  m_verdictIcon->setPixmap(
      iconPixmap(verdict.icon, m_hub.typography().px(16), devicePixelRatioF(), verdict.ink));
}

void ConnectDialog::refresh() {
  const bool working = m_state == State::Working;
  m_connect->setText(working ? tr("Cancel") : tr("Connect"));
  for (QWidget *field : std::initializer_list<QWidget *>{m_host, m_port, m_versions, m_alpn,
                                                         m_breakOff, m_askForPage})
    field->setEnabled(!working);
  showVerdict();
  std::optional<HandshakeFacts> facts;
  if (m_state == State::Result && m_real) facts = factsOf(*m_real);
  m_comparison->setSides(m_simulated, facts, facts ? nullptr : insteadOfReal());
}

} // namespace packetarium::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/delivery.h"
#include "core/wire/dissect.h"
#include "tests/ui/sequence/run_stage.h"
#include "ui/packets/packet_match.h"
#include "ui/packets/packet_view.h"
#include "ui/widgets/segmented_control.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QTableView>

#include <memory>
#include <set>

using namespace packetarium;
using namespace packetarium::ui;
using Tester = QAbstractItemModelTester;

namespace {

struct Shown {
  RunStage stage;
  std::unique_ptr<PacketView> view;

  explicit Shown(const char *scenario, QSize size = {900, 280})
      : stage(QString::fromLatin1(scenario)), view(new PacketView(stage.state)) {
    view->resize(size);
    view->show();
    REQUIRE(QTest::qWaitForWindowExposed(view.get()));
  }
  PacketModel &model() const { return view->model(); }
  void filter(const QString &text) {
    view->filterField().clear();
    QTest::keyClicks(&view->filterField(), text);
    QTest::keyClick(&view->filterField(), Qt::Key_Return);
    REQUIRE(QTest::qWaitFor([this] { return !model().isFiltering(); }, 30'000));
  }
  QLabel *errorLabel() const {
    for (QLabel *label : view->findChildren<QLabel *>())
      if (label->accessibleName().contains(QStringLiteral("wrong"))) return label;
    return nullptr;
  }
};

// The records that sent packets for the first time and satisfy a condition, read from the trace
// without any of the code under test.
template <class Wanted>
std::set<trace::Sequence> firstSends(const trace::Trace &trace, Wanted wanted) {
  std::set<trace::Sequence> out;
  std::set<PacketId> seen;
  for (const auto &slot : trace.slots()) {
    REQUIRE(slot.chunk);
    for (std::size_t i = 0; i < slot.chunk->records.size(); ++i) {
      const trace::Record &r = slot.chunk->records[i];
      if (r.kind != trace::RecordKind::FrameSent) continue;
      const wire::Packet *packet = trace.packet(r.packet);
      REQUIRE(packet != nullptr);
      if (!seen.insert(packet->origin).second) continue;
      if (wanted(*packet)) out.insert(slot.chunk->summary.first + i);
    }
  }
  return out;
}

std::set<trace::Sequence> rowsOf(const PacketModel &model) {
  std::set<trace::Sequence> out;
  for (int row = 0; row < model.rowCount(); ++row) out.insert(model.sentOf(row));
  return out;
}

} // namespace

TEST_CASE("the list has each packet once, in order, numbered from 1") {
  Shown shown("web-request");
  const auto all = firstSends(shown.stage.state.trace(), [](const auto &) { return true; });
  REQUIRE(all.size() > 50);
  REQUIRE(rowsOf(shown.model()) == all);
  REQUIRE(shown.model().index(0, PacketModel::Number).data().toString() == QStringLiteral("1"));
  REQUIRE(shown.model().rowCount() == static_cast<int>(all.size()));
  for (int row = 1; row < shown.model().rowCount(); ++row)
    REQUIRE(shown.model().sentOf(row - 1) < shown.model().sentOf(row));
}

TEST_CASE("tcp.flags.syn finds exactly the segments whose header has the bit") {
  for (const char *scenario : {"web-request", "tcp-lifecycle", "lossy-link"}) {
    Shown shown(scenario);
    shown.filter(QStringLiteral("tcp.flags.syn"));
    const auto syns = firstSends(shown.stage.state.trace(), [](const wire::Packet &p) {
      const auto bytes = wire::dissect(p).bytes;
      // Ethernet, IPv4 without options, TCP: protocol 6 at byte 23, the flags at byte 47.
      return bytes.size() > 47 && bytes[12] == 0x08 && bytes[13] == 0x00 && bytes[23] == 6 &&
             (bytes[47] & 0x02) != 0;
    });
    INFO(scenario);
    REQUIRE(!syns.empty());
    REQUIRE(rowsOf(shown.model()) == syns);
  }
}

TEST_CASE("a word filters by protocol or info, an address by what the bytes say") {
  Shown shown("web-request");
  shown.filter(QStringLiteral("dns"));
  REQUIRE(shown.model().rowCount() > 0);
  for (int row = 0; row < shown.model().rowCount(); ++row)
    REQUIRE(shown.model().index(row, PacketModel::Protocol).data().toString() ==
            QStringLiteral("DNS"));
  shown.filter(QStringLiteral("ip.dst == 192.0.2.1"));
  REQUIRE(shown.model().rowCount() > 0);
  for (int row = 0; row < shown.model().rowCount(); ++row)
    REQUIRE(shown.model().packet(row).destination == "192.0.2.1");
  shown.filter(QStringLiteral("node == \"web server\""));
  REQUIRE(shown.model().rowCount() > 0);
  for (int row = 0; row < shown.model().rowCount(); ++row)
    REQUIRE(shown.stage.state.nodeName(shown.model().packet(row).node) ==
            QStringLiteral("web server"));
  shown.filter({});
  REQUIRE_FALSE(shown.model().isFiltered());
}

TEST_CASE("what was lost or sent again can be asked for and is marked in words") {
  Shown shown("lossy-link");
  shown.filter(QStringLiteral("dropped"));
  REQUIRE(shown.model().rowCount() > 0);
  for (int row = 0; row < shown.model().rowCount(); ++row) {
    REQUIRE(shown.model().packet(row).dropped);
    REQUIRE(shown.model()
                .index(row, PacketModel::Info)
                .data(Qt::AccessibleTextRole)
                .toString()
                .contains(QStringLiteral("lost: ")));
  }
  const auto dropped = rowsOf(shown.model());
  shown.filter(QStringLiteral("not dropped"));
  for (const auto sent : rowsOf(shown.model())) REQUIRE(!dropped.contains(sent));
  REQUIRE(dropped.size() + static_cast<std::size_t>(shown.model().rowCount()) ==
          shown.model().total());
  shown.filter(QStringLiteral("retransmission"));
  REQUIRE(shown.model().rowCount() > 0);
  shown.filter(QStringLiteral("reason == \"link-loss\""));
  REQUIRE(shown.model().rowCount() > 0);
}

TEST_CASE("a filter that is none says where and leaves the list as it was") {
  Shown shown("web-request");
  shown.filter(QStringLiteral("dns"));
  const auto before = rowsOf(shown.model());
  shown.filter(QStringLiteral("ip.dst = 10.0.0.1"));
  QLabel *error = shown.errorLabel();
  REQUIRE(error != nullptr);
  REQUIRE(error->isVisible());
  REQUIRE(error->text().contains(QStringLiteral("column 8")));
  REQUIRE(error->text().contains(QStringLiteral("==")));
  keepShots(shown.stage, *shown.view, QStringLiteral("packets-error"));
  REQUIRE(rowsOf(shown.model()) == before);
  shown.filter(QStringLiteral("dns"));
  REQUIRE_FALSE(error->isVisible());
}

TEST_CASE("a chosen row is the selection of all views, and the other way round") {
  Shown shown("web-request");
  ViewState &state = shown.stage.state;
  shown.stage.seekMs(500);
  QTableView &table = shown.view->table();
  const QModelIndex index = shown.model().index(5, PacketModel::Info);
  table.scrollTo(index);
  QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, table.visualRect(index).center());
  REQUIRE(state.selection().isPacket());
  REQUIRE(state.selection().record == shown.model().sentOf(5));
  // Any hop of a packet leads to the same row.
  const auto origin = shown.model().packet(9).origin;
  for (const auto &slot : state.trace().slots())
    for (std::size_t i = 0; i < slot.chunk->records.size(); ++i) {
      const trace::Record &r = slot.chunk->records[i];
      if (r.kind != trace::RecordKind::FrameSent) continue;
      if (state.trace().packet(r.packet)->origin != origin) continue;
      const trace::Sequence record = slot.chunk->summary.first + i;
      state.selectRecord(record);
      REQUIRE(table.currentIndex().row() == 9);
      REQUIRE(state.selection().record == record); // and is not changed by being shown
    }
  QTest::keyClick(&table, Qt::Key_Down);
  REQUIRE(state.selection().record == shown.model().sentOf(10));
  state.clearSelection();
  REQUIRE_FALSE(table.selectionModel()->hasSelection());
  // A chosen packet that the filter hides chooses no row.
  state.selectRecord(shown.model().sentOf(10));
  shown.filter(QStringLiteral("arp"));
  REQUIRE(shown.model().packet(0).protocol != 0);
  REQUIRE(state.selection().isPacket());
}

TEST_CASE("a double click goes to the packet's moment") {
  Shown shown("web-request");
  QTableView &table = shown.view->table();
  const QModelIndex index = shown.model().index(7, PacketModel::Info);
  table.scrollTo(index);
  const QPoint at = table.visualRect(index).center();
  QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, at);
  QTest::mouseDClick(table.viewport(), Qt::LeftButton, {}, at);
  REQUIRE(shown.stage.state.cursor().upTo == shown.model().sentOf(7));
}

TEST_CASE("rows after the cursor are marked as future") {
  Shown shown("web-request");
  shown.stage.seekMs(100);
  const auto upTo = shown.stage.state.cursor().upTo;
  for (int row = 0; row < shown.model().rowCount(); ++row)
    REQUIRE(shown.model().isFuture(row) == (shown.model().sentOf(row) > upTo));
  keepShots(shown.stage, *shown.view, QStringLiteral("packets-web"));
  shown.filter(QStringLiteral("tcp"));
  for (int row = 0; row < shown.model().rowCount(); ++row)
    REQUIRE(shown.model().isFuture(row) == (shown.model().sentOf(row) > upTo));
}

TEST_CASE("frames are one row for each crossing of a link") {
  Shown shown("web-request");
  shown.view->findChild<SegmentedControl *>()->setCurrentIndex(1);
  std::size_t sent = 0;
  for (const auto &slot : shown.stage.state.trace().slots()) sent += slot.chunk->summary.sent;
  REQUIRE(shown.model().rowCount() == static_cast<int>(sent));
  shown.filter(QStringLiteral("link == \"isp-core\""));
  REQUIRE(shown.model().rowCount() > 0);
  for (int row = 0; row < shown.model().rowCount(); ++row)
    REQUIRE(shown.stage.state.network().links[shown.model().packet(row).link].id == "isp-core");
}

TEST_CASE("the model keeps the rules of models while it grows, is filtered and is cut") {
  const auto mode = Tester::FailureReportingMode::Fatal;
  RunStage stage(QStringLiteral("lossy-link"));
  PacketModel model(stage.state);
  Tester tester(&model, mode);
  REQUIRE(model.rowCount() > 100);
  model.setFilter(parsePacketFilter("tcp and not dropped").value());
  REQUIRE(QTest::qWaitFor([&] { return !model.isFiltering(); }, 30'000));
  const int before = model.rowCount();
  REQUIRE(before > 0);
  stage.seekMs(3'000);
  const std::string link = stage.state.network().links[model.packet(0).link].id;
  // A cable that is cut now voids what came after.
  REQUIRE(stage.document
              .edit(QStringLiteral("cut"),
                    [&](scenario::Scenario &s) {
                      scenario::ScriptEntry entry;
                      entry.id = "cut";
                      entry.at = SimTime::fromNs(3'000'000'000);
                      entry.action = scenario::ScriptEntry::Kind::CutLink;
                      entry.target = link;
                      s.script.push_back(entry);
                    })
              .ok());
  stage.playback.runAheadTo(stage.playback.end());
  REQUIRE(
      QTest::qWaitFor([&] { return stage.playback.runEnded() && !model.isFiltering(); }, 30'000));
  REQUIRE(model.rowCount() > 0);
  REQUIRE(model.rowCount() != 0);
  // After all this it says what a list made from scratch says.
  PacketModel fresh(stage.state);
  fresh.setFilter(parsePacketFilter("tcp and not dropped").value());
  REQUIRE(QTest::qWaitFor([&] { return !fresh.isFiltering(); }, 30'000));
  REQUIRE(rowsOf(model) == rowsOf(fresh));
  model.setFilter({});
  fresh.setFilter({});
  REQUIRE(rowsOf(model) == rowsOf(fresh));
  stage.document.undoStack().undo();
  REQUIRE(QTest::qWaitFor([&] { return stage.playback.runEnded(); }, 30'000));
  REQUIRE(stage.document.open(QStringLiteral("web-request")).ok());
  REQUIRE(QTest::qWaitFor([&] { return model.rowCount() > 0; }, 30'000));
}

TEST_CASE("filtering a long run never holds the window up") {
  RunStage stage(QStringLiteral("busy-bottleneck"));
  PacketModel model(stage.state);
  model.setFilter(parsePacketFilter("tcp.flags.syn").value());
  qint64 longest = 0;
  QElapsedTimer spent;
  while (model.isFiltering()) {
    spent.start();
    QCoreApplication::processEvents(QEventLoop::ExcludeUserInputEvents, 1);
    longest = std::max(longest, spent.elapsed());
  }
  REQUIRE(model.examined() == model.total());
  REQUIRE(model.rowCount() >= 4);
  REQUIRE(longest < 1000); // a slice is 5 ms; the rest is for a busy machine
}

TEST_CASE("a row can be copied") {
  Shown shown("web-request");
  shown.view->table().setCurrentIndex(shown.model().index(3, 0));
  shown.view->table().setFocus();
  QTest::keyClick(&shown.view->table(), Qt::Key_C, Qt::ControlModifier);
  const QString text = QApplication::clipboard()->text();
  REQUIRE(text.count(QLatin1Char('\t')) == PacketModel::ColumnCount - 1);
  REQUIRE(text.startsWith(QStringLiteral("4\t")));
}

TEST_CASE("pictures of the list") {
  Shown shown("lossy-link");
  shown.stage.seekMs(4'000);
  keepShots(shown.stage, *shown.view, QStringLiteral("packets-lossy"));
  shown.filter(QStringLiteral("retransmission"));
  keepShots(shown.stage, *shown.view, QStringLiteral("packets-filtered"));
  shown.filter(QStringLiteral("icmp && dns"));
  REQUIRE(shown.model().rowCount() == 0);
  keepShots(shown.stage, *shown.view, QStringLiteral("packets-none"));
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/merge.h"
#include "tests/ui/sequence/run_stage.h"
#include "ui/cluster/cluster_view.h"
#include "ui/cluster/role_words.h"
#include "ui/theme/icons.h"
#include "ui/widgets/empty_state.h"

#include <QSignalSpy>

#include <set>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

analysis::LogEntryView entryOf(std::uint64_t index, std::uint64_t epoch, trace::Sequence record) {
  analysis::LogEntryView entry;
  entry.index = index;
  entry.epoch = epoch;
  entry.operation = "write cart " + std::to_string(index);
  entry.record = record;
  return entry;
}

/// The primary of epoch 2 and the old one of epoch 1, whose last two writes were thrown away.
std::vector<LogRow> returnOfThePrimary() {
  LogRow now, old;
  now.name = QStringLiteral("store-b");
  now.role = QStringLiteral("primary");
  now.log.node = 1;
  old.name = QStringLiteral("store-a");
  old.role = QStringLiteral("replica");
  old.log.node = 0;
  old.log.lag = 1;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    auto entry = entryOf(i, i <= 3 ? 1 : 2, 100 + i);
    entry.committed = i <= 4;
    entry.acknowledged = i <= 4;
    now.log.entries.push_back(entry);
    if (i == 4 || i == 5) {
      auto waste = entryOf(i, 1, 200 + i);
      waste.thrownAway = true;
      waste.acknowledged = i == 4;
      old.log.entries.push_back(waste);
    }
    if (i <= 4) {
      entry.record = 300 + i;
      old.log.entries.push_back(entry);
    }
  }
  return {now, old};
}

struct Strips {
  ThemeHub hub{ThemeChoice::Dark};
  LogStrips strips{hub, nullptr};
  explicit Strips(std::vector<LogRow> rows = returnOfThePrimary()) {
    strips.resize(760, 220);
    strips.setRows(std::move(rows));
    strips.show();
    REQUIRE(QTest::qWaitForWindowExposed(&strips));
  }
  LogCell cellOf(std::size_t row, trace::Sequence record) const {
    const auto &entries = strips.rows()[row].log.entries;
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (entries[i].record == record) return {row, i};
    FAIL("there is no such entry");
    return {};
  }
};

/// Two members took a write of the same key without knowing of each other's.
analysis::ConflictView conflictOf(cluster::DataType type) {
  cluster::Version a, b;
  a.dot = {"a", 4};
  b.dot = {"b", 3};
  a.stamp = SimTime::fromNs(12'000'000'000);
  b.stamp = SimTime::fromNs(11'750'000'000);
  a.type = b.type = type;
  const bool counts = type == cluster::DataType::Counter;
  a.operation = counts ? "add views 3" : "write cart 17";
  b.operation = counts ? "add views 2" : "write cart 18";
  if (counts) a.before = b.before = "10";
  a.value = counts ? "13" : "17";
  b.value = counts ? "12" : "18";
  analysis::ConflictView conflict;
  conflict.service = "store";
  conflict.key = counts ? "views" : "cart";
  conflict.record = counts ? 7 : 8;
  conflict.versions = cluster::text({a, b});
  return conflict;
}

} // namespace

TEST_CASE("entries of one index stand in one column, and no two cells lie on each other") {
  Strips s;
  CHECK(s.strips.boxOf(s.cellOf(0, 104)).left() == s.strips.boxOf(s.cellOf(1, 304)).left());
  CHECK(s.strips.boxOf(s.cellOf(1, 204)).left() == s.strips.boxOf(s.cellOf(1, 304)).left());
  std::vector<QRectF> boxes;
  for (std::size_t row = 0; row < s.strips.rows().size(); ++row)
    for (std::size_t i = 0; i < s.strips.rows()[row].log.entries.size(); ++i)
      boxes.push_back(s.strips.boxOf({row, i}));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    CHECK_FALSE(boxes[i].isEmpty());
    CHECK(QRectF(s.strips.rect()).contains(boxes[i]));
    for (std::size_t j = i + 1; j < boxes.size(); ++j) CHECK_FALSE(boxes[i].intersects(boxes[j]));
  }
}

TEST_CASE("pointing at a cell tells the operation, and a click goes to where it was written") {
  Strips s;
  QSignalSpy chosen(&s.strips, &LogStrips::recordChosen);
  const LogCell waste = s.cellOf(1, 204);
  const QString words = s.strips.describe(waste);
  CHECK(words.contains(QStringLiteral("write cart 4")));
  CHECK(words.contains(QStringLiteral("epoch 1")));
  CHECK(words.contains(QStringLiteral("Thrown away")));
  CHECK(words.contains(QStringLiteral("told that it is done")));
  QTest::mouseClick(&s.strips, Qt::LeftButton, {}, s.strips.boxOf(waste).center().toPoint());
  REQUIRE(chosen.count() == 1);
  CHECK(chosen.last().at(0).toULongLong() == 204);
}

TEST_CASE("the arrows walk along a log and to the same index of the next") {
  Strips s;
  QSignalSpy chosen(&s.strips, &LogStrips::recordChosen);
  s.strips.setFocus();
  const auto enter = [&] {
    QTest::keyClick(&s.strips, Qt::Key_Return);
    return chosen.isEmpty() ? 0 : chosen.last().at(0).toULongLong();
  };
  QTest::keyClick(&s.strips, Qt::Key_Left); // the newest of the first
  CHECK(enter() == 105);
  QTest::keyClick(&s.strips, Qt::Key_Left);
  QTest::keyClick(&s.strips, Qt::Key_Left);
  CHECK(enter() == 103);
  QTest::keyClick(&s.strips, Qt::Key_Down);
  CHECK(enter() == 303);
  CHECK(s.strips.accessibleDescription().contains(QStringLiteral("store-a")));
}

TEST_CASE(
    "a snapshot folds its entries into one block, and the leader's marks stand at their places") {
  auto rows = returnOfThePrimary();
  for (LogRow &row : rows) row.raft = true;
  rows[0].term = rows[1].term = 2;
  rows[0].snapshotIndex = 2;
  rows[0].snapshotTerm = 1;
  rows[1].progress = LogProgress{5, 4};
  Strips s(std::move(rows));
  CHECK(s.strips.boxOf(s.cellOf(0, 101)).isEmpty());
  CHECK(s.strips.boxOf(s.cellOf(0, 102)).isEmpty());
  const QRectF folded = s.strips.snapshotBox(0);
  CHECK_FALSE(folded.isEmpty());
  CHECK(folded.right() < s.strips.boxOf(s.cellOf(0, 103)).left());
  CHECK(folded.left() == s.strips.boxOf(s.cellOf(1, 301)).left());
  CHECK(s.strips.snapshotBox(1).isEmpty());
  const QRectF fourth = s.strips.boxOf(s.cellOf(1, 304));
  REQUIRE(s.strips.matchMark(1));
  CHECK(s.strips.matchMark(1)->x() == Approx(fourth.center().x()));
  REQUIRE(s.strips.nextMark(1));
  CHECK(std::abs(s.strips.nextMark(1)->x() - fourth.right()) < 3); // before the fifth
  CHECK(s.strips.nextMark(1)->y() > fourth.bottom());
  CHECK_FALSE(s.strips.nextMark(0));
  CHECK(s.strips.describeRow(1).contains(QStringLiteral("nextIndex")));
  CHECK(s.strips.describeRow(0).contains(QStringLiteral("snapshot")));
  CHECK(s.strips.describe(s.cellOf(1, 304)).contains(QStringLiteral("term 2")));
  // What was thrown away lies below the marks.
  CHECK(s.strips.boxOf(s.cellOf(1, 204)).top() > s.strips.nextMark(1)->y());
}

TEST_CASE("of a long log the newest are in sight, and one can look back") {
  std::vector<LogRow> rows(1);
  for (std::uint64_t i = 1; i <= 64; ++i) rows[0].log.entries.push_back(entryOf(i, 1, i));
  Strips s(std::move(rows));
  CHECK_FALSE(s.strips.boxOf(s.cellOf(0, 64)).isEmpty());
  CHECK(s.strips.boxOf(s.cellOf(0, 1)).isEmpty());
  s.strips.scrollBy(1000);
  CHECK_FALSE(s.strips.boxOf(s.cellOf(0, 1)).isEmpty());
  CHECK(s.strips.boxOf(s.cellOf(0, 64)).isEmpty());
  s.strips.scrollBy(-1000);
  CHECK_FALSE(s.strips.boxOf(s.cellOf(0, 64)).isEmpty());
}

TEST_CASE("a different kind of entry is a different picture") {
  const auto pictureOf = [](void (*change)(analysis::LogEntryView &)) {
    std::vector<LogRow> rows(1);
    auto entry = entryOf(1, 1, 1);
    change(entry);
    rows[0].log.entries.push_back(entry);
    Strips s(std::move(rows));
    return s.strips.grab().toImage().copy(
        s.strips.boxOf({0, 0}).adjusted(-2, -2, 2, 2).toAlignedRect());
  };
  std::vector<QImage> pictures;
  pictures.push_back(pictureOf([](analysis::LogEntryView &) {}));
  pictures.push_back(pictureOf([](analysis::LogEntryView &e) { e.committed = true; }));
  pictures.push_back(pictureOf([](analysis::LogEntryView &e) { e.acknowledged = true; }));
  pictures.push_back(pictureOf([](analysis::LogEntryView &e) { e.divergent = true; }));
  pictures.push_back(pictureOf([](analysis::LogEntryView &e) { e.epoch = 2; }));
  for (std::size_t i = 0; i < pictures.size(); ++i)
    for (std::size_t j = i + 1; j < pictures.size(); ++j) CHECK(pictures[i] != pictures[j]);
}

TEST_CASE("every role that is told has an icon, and who serves wears the crown") {
  for (const char *role : {"active", "primary", "master", "leader", "serving"})
    CHECK(roleLook(role).icon == "crown");
  for (const char *role :
       {"standby", "backup", "replica", "witness", "starting", "something new"}) {
    CHECK(hasIcon(roleLook(role).icon));
    CHECK(roleLook(role).rank != RoleRank::Leads);
  }
}

TEST_CASE("without a replicated service the view says what to do") {
  RunStage stage(QStringLiteral("web-request"));
  ClusterView view(stage.state);
  view.resize(700, 240);
  view.show();
  REQUIRE(QTest::qWaitForWindowExposed(&view));
  QTest::qWait(50);
  const auto empties = view.findChildren<EmptyState *>();
  const bool said = std::any_of(empties.begin(), empties.end(),
                                [](const EmptyState *e) { return e->isVisible(); });
  CHECK(said);
}

TEST_CASE("a conflict is shown under each policy: what it keeps, and which write it loses") {
  const auto cards = policyCards(conflictOf(cluster::DataType::Register));
  REQUIRE(cards.size() == 3);
  CHECK(cards[0].kept == QStringLiteral("“17”"));
  REQUIRE(cards[0].lost.size() == 1);
  CHECK(cards[0].lost[0].startsWith(QStringLiteral("write cart 18")));
  CHECK(cards[1].lost.isEmpty());
  CHECK(cards[1].kept.contains(QStringLiteral("“17”")));
  CHECK(cards[1].kept.contains(QStringLiteral("“18”")));
  CHECK(cards[2].hands);
  CHECK(cards[2].lost.isEmpty());
  const auto counted = policyCards(conflictOf(cluster::DataType::Counter));
  REQUIRE(counted.size() == 3);
  CHECK(counted[1].kept == QStringLiteral("“15”")); // 10 and 3 and 2
  CHECK(counted[1].lost.isEmpty());
  CHECK(counted[0].lost.size() == 1);
  CHECK(versionLines(conflictOf(cluster::DataType::Register)).size() == 2);
}

TEST_CASE("versions that cannot be read make no cards, and nothing worse") {
  analysis::ConflictView conflict;
  conflict.versions = "this is no version\nnor is this";
  CHECK(policyCards(conflict).empty());
  CHECK(versionLines(conflict).isEmpty());
}

TEST_CASE("the newest conflict is chosen, another one by the list, and it stays chosen") {
  RunStage stage(QStringLiteral("web-request"));
  MergeInspector inspector(stage.state);
  inspector.resize(760, 260);
  inspector.show();
  REQUIRE(QTest::qWaitForWindowExposed(&inspector));
  auto cart = conflictOf(cluster::DataType::Register);
  auto views = conflictOf(cluster::DataType::Counter);
  inspector.setConflicts({views, cart});
  REQUIRE(inspector.cards().size() == 3);
  CHECK(inspector.cards()[0].kept == QStringLiteral("“17”"));
  inspector.choose(0);
  CHECK(inspector.cards()[1].kept == QStringLiteral("“15”"));
  auto later = cart;
  later.record = 9;
  inspector.setConflicts({views, cart, later});
  CHECK(inspector.cards()[1].kept == QStringLiteral("“15”"));
}

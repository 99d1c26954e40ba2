// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/ring.h"
#include "core/scenario/build.h"
#include "core/scenario/groups.h"
#include "tests/support/catch.h"
#include "ui/cluster/cluster_view.h"
#include "ui/cluster/ring_view.h"

#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

/// The nodes "a" to "e" of a ring with eight points each.
struct Five {
  cluster::Ring ring;
  std::vector<RingNode> nodes;
  Five() {
    for (const char *name : {"a", "b", "c", "d", "e"}) ring.add(name, 8);
    for (const char *name : {"a", "b", "c", "d", "e"}) {
      RingNode node;
      node.node = static_cast<std::uint32_t>(nodes.size());
      node.name = QLatin1String(name);
      node.tokens = ring.pointsOf(name);
      nodes.push_back(node);
    }
  }
};

} // namespace

TEST_CASE("the nodes shown for a key are those of its preference list, in its order") {
  const Five five;
  for (int i = 0; i < 200; ++i) {
    const std::string key = "key-" + std::to_string(i);
    const auto expected = five.ring.preference(key, 3);
    const RingHolders found = holdersOf(five.nodes, cluster::Ring::pointOf(key), 3);
    REQUIRE(found.replicas.size() == 3);
    for (std::size_t k = 0; k < 3; ++k)
      CHECK(five.nodes[found.replicas[k]].name.toStdString() == expected[k]);
    CHECK(found.first == found.replicas[0]);
    CHECK(found.standIns.empty());
  }
}

TEST_CASE("where a replica is down the next one coordinates, and one beyond stands in") {
  Five five;
  const std::uint32_t point = cluster::Ring::pointOf("cart");
  const RingHolders before = holdersOf(five.nodes, point, 3);
  const auto whole = holdersOf(five.nodes, point, 5).replicas;
  five.nodes[before.replicas[0]].down = true;
  const RingHolders after = holdersOf(five.nodes, point, 3);
  CHECK(after.replicas == before.replicas); // whose key it is does not change
  CHECK(after.first == before.replicas[1]);
  CHECK(after.standIns == std::vector<std::size_t>{whole[3]});
  for (RingNode &node : five.nodes) node.down = true;
  CHECK_FALSE(holdersOf(five.nodes, point, 3).first);
}

TEST_CASE("the shares of the members make the whole ring") {
  const Five five;
  double sum = 0;
  for (std::size_t i = 0; i < five.nodes.size(); ++i) sum += ringShare(five.nodes, i);
  CHECK(sum == Approx(1.0));
}

TEST_CASE("a click on the ring chooses the point that is there, and the list lies beside it") {
  const ThemeHub hub(ThemeChoice::Light);
  RingPlot plot(hub, nullptr);
  plot.resize(620, 200);
  plot.setNodes(Five().nodes, 3);
  plot.show();
  REQUIRE(QTest::qWaitForWindowExposed(&plot));
  QSignalSpy chosen(&plot, &RingPlot::pointChosen);
  for (const std::uint32_t point : {0x10000000U, 0x7fffffffU, 0xc0000000U}) {
    QTest::mouseClick(&plot, Qt::LeftButton, {}, plot.placeOf(point).toPoint());
    const double off = static_cast<double>(chosen.last().at(0).toUInt()) - point;
    CHECK(std::abs(off) / 4294967296.0 < 0.02);
  }
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(QRectF(plot.rect()).contains(plot.rowOf(i)));
    CHECK(plot.rowOf(i).left() > plot.placeOf(0x40000000U).x());
    if (i > 0) CHECK(plot.rowOf(i).top() >= plot.rowOf(i - 1).bottom());
  }
  QSignalSpy node(&plot, &RingPlot::nodeChosen);
  QTest::mouseClick(&plot, Qt::LeftButton, {}, plot.rowOf(3).center().toPoint());
  REQUIRE(node.count() == 1);
  CHECK(node.last().at(0).toUInt() == 3);
  // The keys go round, from stretch to stretch.
  QTest::keyClick(&plot, Qt::Key_Right);
  CHECK(chosen.count() == 4);
}

TEST_CASE(
    "with a list too long for the view the ring stays whole, wherever the list is scrolled to") {
  const ThemeHub hub(ThemeChoice::Dark);
  QScrollArea area;
  area.setWidgetResizable(true);
  auto *plot = new RingPlot(hub, nullptr);
  area.setWidget(plot);
  area.viewport()->installEventFilter(plot);
  auto nodes = Five().nodes;
  for (RingNode &node : nodes) node.hints.push_back({QStringLiteral("cart"), QStringLiteral("b")});
  plot->setNodes(nodes, 3);
  area.resize(640, 104);
  area.show();
  REQUIRE(QTest::qWaitForWindowExposed(&area));
  QScrollBar &bar = *area.verticalScrollBar();
  REQUIRE(bar.maximum() > 40);
  for (const int to : {0, bar.maximum() / 2, bar.maximum()}) {
    bar.setValue(to);
    const QRectF seen(area.viewport()->rect().translated(-plot->pos()));
    CHECK(seen.contains(plot->ringBox()));
    CHECK(plot->ringBox().height() > 50);
  }
}

TEST_CASE("a running quorum store shows its ring, and a typed key its nodes") {
  scenario::Scenario s;
  s.id = "test";
  s.title = "Test";
  s.duration = Duration::seconds(3);
  const auto ids = scenario::placeGroup(s, "quorum-store-5", {0, 0});
  scenario::complete(s);
  Document document;
  Playback playback{document};
  ThemeHub hub{ThemeChoice::Dark};
  ViewState state{document, playback, hub};
  document.open(s);
  playback.pause();
  playback.runAheadTo(playback.end());
  REQUIRE(QTest::qWaitFor([&] { return playback.runEnded(); }, 60'000));
  playback.seek(SimTime::fromNs(2'000'000'000));
  REQUIRE(QTest::qWaitFor([&] { return !playback.isPending(); }, 20'000));
  ClusterView view(state);
  view.resize(900, 260);
  view.show();
  REQUIRE(QTest::qWaitForWindowExposed(&view));
  CHECK(view.service() == "baskets");
  const auto &nodes = view.ring().plot().nodes();
  REQUIRE(nodes.size() == 5);
  view.setPage(ClusterView::Page::Ring);
  QTest::keyClicks(&view.ring().key(), QStringLiteral("cart"));
  REQUIRE(view.ring().plot().point() == cluster::Ring::pointOf("cart"));
  // The members' own ring is made of their names.
  cluster::Ring ring;
  for (const RingNode &node : nodes)
    ring.add(state.network().nodes[node.node].id, static_cast<std::uint32_t>(node.tokens.size()));
  const auto expected = ring.preference("cart", 3);
  const auto found = view.ring().plot().holders().replicas;
  REQUIRE(found.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(state.network().nodes[nodes[found[i]].node].id == expected[i]);
  CHECK(view.ring().plot().describe().contains(QStringLiteral("coordinates")));
}

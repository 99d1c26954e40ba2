// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/process.h"
#include "tests/support/catch.h"

#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

using namespace packetarium::clitest;
using Json = nlohmann::json;

namespace {

/// One line of a history.
std::string line(int process, const std::string &type, const std::string &f, const Json &value,
                 const std::string &key = "x") {
  static int clock = 0;
  const Json object = {{"process", process}, {"type", type},   {"f", f},
                       {"key", key},         {"value", value}, {"t_ns", ++clock}};
  return object.dump() + "\n";
}
std::string done(int process, const std::string &f, const Json &value,
                 const std::string &key = "x") {
  const Json asked = f == "read" ? Json(nullptr) : value;
  return line(process, "invoke", f, asked, key) + line(process, "ok", f, value, key);
}

/// A write of 200, a read that saw it, and then one that did not.
std::string staleRead() {
  return line(1, "invoke", "write", 200) + done(2, "read", 200) + done(3, "read", 0) +
         line(1, "ok", "write", nullptr);
}

class Files {
public:
  std::string operator()(const std::string &text) {
    const std::string name = m_folder.file(std::to_string(++m_count) + ".jsonl");
    std::ofstream(name) << text;
    return name;
  }

private:
  Folder m_folder;
  int m_count = 0;
};

Ended check(const std::string &file, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"check-history", file});
  return cli(more);
}

bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("check-history tells a legal history from one that is not") {
  Files file;
  const Ended good = check(file(done(1, "write", 1) + done(2, "read", 1)));
  CHECK(good.code == 0);
  CHECK(linesOf(good.out).front() == "linearizable: true");
  const Ended bad = check(file(staleRead()), {"--initial", "0"});
  CHECK(bad.code == 1);
  CHECK(linesOf(bad.out).front() == "linearizable: false");
  CHECK(has(bad.out, "\"read x → 0\" of process 3"));
}

TEST_CASE("check-history --json names the offending operation, and tells of each key") {
  Files file;
  const Ended ended =
      check(file(staleRead() + done(4, "write", 7, "y")), {"--initial", "0", "--json"});
  CHECK(ended.code == 1);
  const Json object = Json::parse(ended.out);
  CHECK(object["linearizable"] == false);
  CHECK(object["offending"]["process"] == "3");
  CHECK(object["offending"]["value"] == "0");
  REQUIRE(object["keys"].size() == 2);
  CHECK(object["keys"][0]["key"] == "x");
  CHECK(object["keys"][0]["linearizable"] == false);
  CHECK(object["keys"][1]["linearizable"] == true);
  CHECK(object["keys"][1]["offending"].is_null());
  CHECK(object["keys"][1]["order"] == Json::array({"write y 7"}));
}

TEST_CASE("check-history knows three models") {
  Files file;
  const std::string cas = file(done(1, "cas", {nullptr, 5}) + done(2, "read", 5));
  CHECK(check(cas).code == 0);
  CHECK(check(cas, {"--model", "cas-register"}).code == 0);
  const Ended other = check(cas, {"--model", "register"});
  CHECK(other.code == 2);
  CHECK(has(other.err, "a register has no cas"));
  const std::string kv = file(done(1, "read", "") + done(1, "append", "a") +
                              done(2, "append", "b") + done(1, "read", "ab"));
  CHECK(check(kv).code == 0);
  CHECK(check(kv, {"--model", "kv"}).code == 0);
  CHECK(check(kv, {"--model", "cas-register"}).code == 2);
}

TEST_CASE("check-history: null is a register never set, unless told otherwise") {
  Files file;
  const std::string lost = file(done(1, "write", 1) + done(2, "read", nullptr));
  CHECK(check(lost).code == 1);
  CHECK(check(lost, {"--null-is-any"}).code == 0);
}

TEST_CASE("check-history says that it does not know when its budget is spent") {
  Files file;
  const Ended ended = check(file(staleRead()), {"--initial", "0", "--budget", "0"});
  CHECK(ended.code == 3);
  CHECK(linesOf(ended.out).front() == "linearizable: unknown");
  const Ended json = check(file(staleRead()), {"--budget", "0", "--json"});
  CHECK(json.code == 3);
  CHECK(Json::parse(json.out)["linearizable"] == "unknown");
}

TEST_CASE("check-history refuses what is no history, and wrong usage") {
  Files file;
  const Ended broken = check(file(staleRead() + "{\"process\": 1"));
  CHECK(broken.code == 2);
  CHECK(broken.err == "line 7: not JSON\n");
  CHECK(broken.out.empty());
  const Ended missing = check("/no/such/file");
  CHECK(missing.code == 2);
  CHECK(has(missing.err, "cannot read /no/such/file"));
  CHECK(check("/").code == 2);
  CHECK(cli({"check-history"}).code == 2);
  CHECK(check(file(staleRead()), {"--model", "queue"}).code == 2);
  CHECK(check(file(staleRead()), {"--budget", "-1"}).code == 2);
  CHECK(check(file(staleRead()), {"--budget", "soon"}).code == 2);
}

TEST_CASE("check-history reads standard input") {
  Files file;
  const std::string command = std::string(PACKETARIUM_CLI) + " check-history - --initial 0 > " +
                              file("") + " < " + file(staleRead());
  CHECK(WEXITSTATUS(std::system(command.c_str())) == 1);
}

TEST_CASE("check-history takes an empty history for a legal one") {
  Files file;
  CHECK(check(file("")).code == 0);
}

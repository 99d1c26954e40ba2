// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_client/behaviour.h"

#include <algorithm>
#include <array>

namespace packetarium::programs::kv {

std::optional<Operation> begin(Behaviour &behaviour, Context &ctx, const Plan &plan) {
  return std::visit([&](auto &b) { return b.begin(ctx, plan); }, behaviour);
}

std::optional<Operation> next(Behaviour &behaviour, const Plan &plan, const Answer &answer,
                              Tales &tales) {
  return std::visit([&](auto &b) { return b.next(plan, answer, tales); }, behaviour);
}

std::optional<Operation> Draws::begin(Context &ctx, const Plan &plan) {
  RandomStream &random = ctx.random("operations");
  const std::string key = plan.keys.draw(random);
  m_last = {"read", key, {}};
  if (random.chance(plan.readShare)) return m_last;
  if (plan.kind == "cas") {
    // Where it knows wrong, the answer tells what is there.
    const auto known = m_known.try_emplace(key).first;
    m_last = {"cas", key, {}, known->second, Operation::Unique::Whole};
  } else if (plan.kind == "set" || plan.kind == "append") {
    m_last = {plan.kind == "set" ? "write" : "append", key, {}, {}, Operation::Unique::Whole};
  } else if (plan.kind == "add") {
    m_last = {"add", key, "1"};
  } else {
    static constexpr std::array<std::string_view, 6> goods{"apples", "bread", "cheese",
                                                           "dates",  "eggs",  "figs"};
    const std::string thing(goods[random.below(goods.size())]);
    m_last = {random.chance(0.7) ? "add" : "remove", key, thing};
  }
  return m_last;
}

std::optional<Operation> Draws::next(const Plan &plan, const Answer &answer, Tales &) {
  const bool heard = answer.how == Answer::How::Done || answer.how == Answer::How::Otherwise;
  if (plan.kind == "cas" && heard)
    m_known[m_last.key] =
        answer.values.empty() ? std::optional<std::string>{} : answer.values.front();
  return {};
}

std::int64_t balanceOf(const Answer &answer, std::int64_t opening) {
  if (answer.values.empty() || answer.values.front().empty()) return opening;
  // Whole digits alone: what is no number counts as nothing.
  const std::string &text = answer.values.front();
  std::int64_t n = 0;
  for (const char c : text.substr(0, std::min<std::size_t>(text.find('~'), 18)))
    if (c >= '0' && c <= '9') n = n * 10 + (c - '0');
  return n;
}

std::optional<Operation> Teller::begin(Context &ctx, const Plan &plan) {
  if (plan.keyCount < 2) return {};
  RandomStream &random = ctx.random("operations");
  const std::uint64_t from = 1 + random.below(plan.keyCount);
  const std::uint64_t other = 1 + random.below(plan.keyCount - 1);
  m_from = plan.keys.nameOf(from);
  m_to = plan.keys.nameOf(other < from ? other : other + 1);
  m_step = Step::ReadFrom;
  return readAccount();
}

Operation Teller::readAccount() const {
  return {"read", m_step == Step::ReadFrom ? m_from : m_to, {}};
}

Operation Teller::change(const Plan &plan, const Answer &answer) const {
  const std::int64_t step = m_step == Step::TakeOff ? -plan.amount : plan.amount;
  Operation o{plan.byCas ? "cas" : "write", m_step == Step::TakeOff ? m_from : m_to,
              std::to_string(balanceOf(answer, plan.opening) + step)};
  if (plan.byCas && !answer.values.empty()) o.from = answer.values.front();
  o.unique = Operation::Unique::Tagged;
  o.persists = true; // half a transfer would be money lost
  return o;
}

std::optional<Operation> Teller::next(const Plan &plan, const Answer &answer, Tales &tales) {
  const bool done = answer.how == Answer::How::Done;
  switch (m_step) {
  case Step::ReadFrom:
    if (!done || balanceOf(answer, plan.opening) < plan.amount) return {};
    m_step = Step::TakeOff;
    return change(plan, answer);
  case Step::TakeOff:
    m_step = done ? Step::ReadTo : Step::ReadFrom; // somebody was faster: it looks again
    return readAccount();
  case Step::ReadTo:
    if (!done) return readAccount();
    m_step = Step::Add;
    return change(plan, answer);
  case Step::Add:
    if (done) break;
    m_step = Step::ReadTo;
    return readAccount();
  }
  tales.push_back({"bank.transferred", m_from + " to " + m_to});
  return {};
}

std::optional<Operation> Auditor::begin(Context &, const Plan &plan) {
  m_account = 1;
  m_sum = 0;
  return Operation{"read", plan.keys.nameOf(1), {}};
}

std::optional<Operation> Auditor::next(const Plan &plan, const Answer &answer, Tales &tales) {
  if (answer.how != Answer::How::Done) {
    tales.push_back({"bank.sum-unknown", "an account could not be read"});
    return {};
  }
  m_sum += balanceOf(answer, plan.opening);
  if (++m_account <= plan.keyCount) return Operation{"read", plan.keys.nameOf(m_account), {}};
  const std::int64_t right = plan.opening * static_cast<std::int64_t>(plan.keyCount);
  Tale tale{"bank.sum-right", std::to_string(m_sum), static_cast<double>(m_sum)};
  if (m_sum != right) {
    tale.milestone = "bank.sum-wrong";
    tale.object += " instead of " + std::to_string(right);
  }
  tales.push_back(std::move(tale));
  return {};
}

} // namespace packetarium::programs::kv

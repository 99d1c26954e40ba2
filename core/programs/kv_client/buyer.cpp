// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_client/behaviour.h"

#include <algorithm>

namespace packetarium::programs::kv {

std::optional<Operation> Buyer::begin(Context &, const Plan &plan) {
  m_seat = 1;
  while (m_taken.contains(m_seat)) ++m_seat;
  m_step = Step::Look;
  if (m_seat > plan.keyCount) {
    if (m_mine.empty()) return {};
    // Nothing is left to buy: it looks at its own seats, one after another.
    auto own = m_mine.upper_bound(m_checked);
    if (own == m_mine.end()) own = m_mine.begin();
    m_seat = m_checked = *own;
    m_step = Step::LookAgain;
  }
  m_key = plan.keys.nameOf(m_seat);
  return Operation{"read", m_key, {}};
}

std::optional<Operation> Buyer::next(const Plan &plan, const Answer &answer, Tales &tales) {
  switch (m_step) {
  case Step::Look: return looked(plan, answer, tales);
  case Step::Buy: asked(answer, tales); return {};
  case Step::LookAgain: lookedAgain(answer, tales); return {};
  }
  return {};
}

/// Its name, or its name and which of its tries it was.
bool Buyer::isMine(const std::string &value) const {
  return value == m_name || value.rfind(m_name + ".", 0) == 0;
}

std::optional<Operation> Buyer::looked(const Plan &plan, const Answer &answer, Tales &tales) {
  if (answer.how != Answer::How::Done) {
    tales.push_back({"seat.refused", m_key + ": nobody says whether it is free"});
    return {};
  }
  const bool isFree = answer.values.empty() || answer.values.front() == "free";
  if (!isFree) {
    m_taken.insert(m_seat);
    if (!isMine(answer.values.front())) {
      tales.push_back({"seat.taken", m_key + " is " + answer.values.front() + "'s"});
    } else {
      m_mine.insert(m_seat); // an earlier try of unknown outcome did it
      tales.push_back({"seat.sold", m_key + " to " + m_name});
    }
    return {};
  }
  m_step = Step::Buy;
  Operation buy{plan.byCas ? "cas" : "write", m_key, m_name};
  if (const std::uint64_t tries = ++m_tries[m_seat]; tries > 1)
    buy.value += "." + std::to_string(tries);
  if (plan.byCas && !answer.values.empty()) buy.from = answer.values.front();
  return buy;
}

void Buyer::asked(const Answer &answer, Tales &tales) {
  switch (answer.how) {
  case Answer::How::Done:
    m_taken.insert(m_seat);
    m_mine.insert(m_seat);
    tales.push_back({"seat.sold", m_key + " to " + m_name});
    return;
  case Answer::How::Otherwise:
    m_taken.insert(m_seat);
    tales.push_back({"seat.lost", m_key + ": somebody was faster"});
    return;
  case Answer::How::NotDone: tales.push_back({"seat.refused", m_key + ": nothing is sold"}); return;
  case Answer::How::Unknown:
    tales.push_back({"seat.unknown", m_key + ": perhaps it is sold, perhaps not"});
    return;
  }
}

void Buyer::lookedAgain(const Answer &answer, Tales &tales) {
  if (answer.how != Answer::How::Done || m_disputed.contains(m_seat)) return;
  const auto &values = answer.values;
  const auto other = std::find_if(values.begin(), values.end(),
                                  [this](const std::string &v) { return !isMine(v); });
  if (other == values.end() && !values.empty()) return;
  m_disputed.insert(m_seat);
  const std::string now = values.empty() ? "is free again" : "is also " + *other + "'s";
  tales.push_back({"seat.sold-twice", m_key + " was sold to " + m_name + " and " + now});
}

} // namespace packetarium::programs::kv

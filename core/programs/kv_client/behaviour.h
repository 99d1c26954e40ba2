// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/kv_client/key_choice.h"
#include "core/programs/kv_client/operation.h"
#include "core/programs/program.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

/// What a client of a store is about: single operations, or several that depend on each other.
namespace packetarium::programs::kv {

/// What the clients of one program have in common.
struct Plan {
  std::string kind; ///< set, add, cart, cas, append, transfer, seat
  double readShare = 0;
  bool byCas = true; ///< transfer, seat: else what was read is written over, come what may
  std::int64_t opening = 100, amount = 10; ///< of accounts, of a transfer
  KeyChoice keys;
  std::uint64_t keyCount = 1;
};

/// Something that people want to hear about.
struct Tale {
  std::string milestone, object;
  std::optional<double> sum = {}; ///< of all accounts
};
using Tales = std::vector<Tale>;

/// One operation after another, drawn.
class Draws {
public:
  std::optional<Operation> begin(Context &ctx, const Plan &plan);
  std::optional<Operation> next(const Plan &plan, const Answer &answer, Tales &tales);

private:
  Operation m_last;
  /// cas: what keys hold as far as known; nothing: never set.
  std::map<std::string, std::optional<std::string>> m_known;
};

/// Buys seats, the first that is not known to be taken: looks whether it is free and takes it.
/// Later it looks again whether what it was sold is really its own.
class Buyer {
public:
  explicit Buyer(std::string name) : m_name(std::move(name)) {}
  std::optional<Operation> begin(Context &ctx, const Plan &plan);
  std::optional<Operation> next(const Plan &plan, const Answer &answer, Tales &tales);

private:
  std::optional<Operation> looked(const Plan &plan, const Answer &answer, Tales &tales);
  void asked(const Answer &answer, Tales &tales);
  void lookedAgain(const Answer &answer, Tales &tales);
  bool isMine(const std::string &value) const;

  enum class Step : std::uint8_t { Look, Buy, LookAgain };
  std::string m_name;
  Step m_step = Step::Look;
  std::uint64_t m_seat = 1, m_checked = 0; ///< seats are numbered from 1
  std::string m_key;
  std::map<std::uint64_t, std::uint64_t> m_tries; ///< to buy each
  std::set<std::uint64_t> m_taken, m_mine, m_disputed;
};

/// Moves an amount from one account to another one: takes it off, then adds it, each by reading and
/// then changing what was read. An account that was never set holds its opening balance.
class Teller {
public:
  std::optional<Operation> begin(Context &ctx, const Plan &plan);
  std::optional<Operation> next(const Plan &plan, const Answer &answer, Tales &tales);

private:
  Operation readAccount() const;
  Operation change(const Plan &plan, const Answer &answer) const;

  enum class Step : std::uint8_t { ReadFrom, TakeOff, ReadTo, Add };
  Step m_step = Step::ReadFrom;
  std::string m_from, m_to;
};

/// Adds up all accounts and tells whether the sum is what it must be.
class Auditor {
public:
  std::optional<Operation> begin(Context &ctx, const Plan &plan);
  std::optional<Operation> next(const Plan &plan, const Answer &answer, Tales &tales);

private:
  std::uint64_t m_account = 1;
  std::int64_t m_sum = 0;
};

/// What an account's value says: the number before the "~"; the opening balance without one.
std::int64_t balanceOf(const Answer &answer, std::int64_t opening);

using Behaviour = std::variant<Draws, Buyer, Teller, Auditor>;
/// The first operation of what it does next; nothing when there is nothing left to do.
std::optional<Operation> begin(Behaviour &behaviour, Context &ctx, const Plan &plan);
/// The next operation of the same; nothing when it is finished. Tales are added.
std::optional<Operation> next(Behaviour &behaviour, const Plan &plan, const Answer &answer,
                              Tales &tales);

} // namespace packetarium::programs::kv

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/judge/key_search.h"

#include <algorithm>

namespace packetarium::judge {
namespace {

constexpr std::uint64_t noEntry = ~std::uint64_t{0};
constexpr std::size_t headWords = 3; ///< hash, next, sizes

std::span<const std::uint64_t> withoutEnd(std::span<const std::uint64_t> words) {
  while (!words.empty() && words.back() == 0) words = words.first(words.size() - 1);
  return words;
}

std::uint64_t hashOfWords(std::span<const std::uint64_t> words) {
  std::uint64_t hash = words.size();
  for (const std::uint64_t word : words) hash = hashCombine(hash, word);
  return hash;
}

} // namespace

std::uint32_t ValueBook::of(const Value &value) {
  const auto [at, isNew] = m_ids.try_emplace(value, static_cast<std::uint32_t>(m_values.size()));
  if (isNew) m_values.push_back(&at->first);
  return at->second;
}

std::uint32_t ValueBook::appended(std::uint32_t state, std::uint32_t more) {
  const std::uint64_t key = std::uint64_t{state} << 32 | more;
  if (const auto known = m_appended.find(key); known != m_appended.end()) return known->second;
  const std::uint32_t id = of(m_values[state]->value_or("") + m_values[more]->value_or(""));
  m_appended.emplace(key, id);
  return id;
}

bool ValueBook::begins(std::uint32_t text, std::uint32_t prefix) const {
  const Value &whole = *m_values[text];
  const Value &part = *m_values[prefix];
  return !part || part->empty() || (whole && whole->starts_with(*part));
}

bool SeenConfigurations::matches(std::size_t at, std::span<const std::uint64_t> key) const {
  const std::uint64_t sizes = m_words[at + 2];
  if ((sizes >> 32) != key.size()) return false;
  return std::equal(key.begin(), key.end(),
                    m_words.begin() + static_cast<std::ptrdiff_t>(at + headWords));
}

bool SeenConfigurations::covers(std::size_t at, std::span<const std::uint64_t> open) const {
  const std::uint64_t sizes = m_words[at + 2];
  const std::size_t count = sizes & 0xffffffffU;
  if (count > open.size()) return false;
  const std::size_t first = at + headWords + (sizes >> 32);
  for (std::size_t i = 0; i < count; ++i)
    if ((m_words[first + i] & ~open[i]) != 0) return false;
  return true;
}

bool SeenConfigurations::add(std::span<const std::uint64_t> must, std::uint32_t state,
                             std::span<const std::uint64_t> open) {
  // What is placed is nearly a prefix: only its ragged end is kept.
  std::size_t full = 0;
  while (full < must.size() && must[full] == ~std::uint64_t{0}) ++full;
  const auto ragged = withoutEnd(must.subspan(full));
  m_key.assign(1, std::uint64_t{state} << 32 | full);
  m_key.insert(m_key.end(), ragged.begin(), ragged.end());
  open = withoutEnd(open);
  const std::uint64_t hash = hashOfWords(m_key);
  if (m_buckets.size() <= m_size) grow();
  std::uint64_t &bucket = m_buckets[hash & (m_buckets.size() - 1)];
  for (std::uint64_t at = bucket; at != noEntry; at = m_words[at + 1])
    if (m_words[at] == hash && matches(at, m_key) && covers(at, open)) return false;
  const std::uint64_t fresh = m_words.size();
  m_words.insert(m_words.end(), {hash, bucket, std::uint64_t{m_key.size()} << 32 | open.size()});
  m_words.insert(m_words.end(), m_key.begin(), m_key.end());
  m_words.insert(m_words.end(), open.begin(), open.end());
  bucket = fresh;
  ++m_size;
  return true;
}

void SeenConfigurations::grow() {
  m_buckets.assign(std::max<std::size_t>(64, 2 * m_buckets.size()), noEntry);
  for (std::size_t at = 0; at < m_words.size();) {
    std::uint64_t &bucket = m_buckets[m_words[at] & (m_buckets.size() - 1)];
    m_words[at + 1] = bucket;
    bucket = at;
    const std::uint64_t sizes = m_words[at + 2];
    at += headWords + (sizes >> 32) + (sizes & 0xffffffffU);
  }
}

} // namespace packetarium::judge

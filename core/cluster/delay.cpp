// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/pbs.h"
#include "core/cluster/text.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

/// Delay distributions, their text form, and those of the paper.
namespace packetarium::cluster {
namespace {

using Shape = DelayPart::Shape;

struct ShapeName {
  Shape shape;
  std::string_view name;
  std::size_t numbers;
};
constexpr ShapeName shapeNames[] = {{Shape::Constant, "constant", 1},
                                    {Shape::Uniform, "uniform", 2},
                                    {Shape::Exponential, "exp", 1},
                                    {Shape::Pareto, "pareto", 2}};
constexpr std::size_t delayPartsMax = 16;

std::optional<double> finiteOf(std::string_view text) {
  const std::string owned(text);
  char *end = nullptr;
  const double value = std::strtod(owned.c_str(), &end);
  if (owned.empty() || end != owned.c_str() + owned.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

bool makesSense(const DelayPart &p) {
  switch (p.shape) {
  case Shape::Constant: return p.first >= 0;
  case Shape::Uniform: return p.first >= 0 && p.second >= p.first;
  case Shape::Exponential: return p.first > 0;
  case Shape::Pareto: return p.first > 0 && p.second > 0;
  }
  return false;
}

std::optional<DelayPart> shapeOf(std::string_view text) {
  DelayPart part;
  if (const auto alone = finiteOf(text)) {
    part.first = *alone;
    return makesSense(part) ? std::optional(part) : std::nullopt;
  }
  const auto pieces = parts(text, ':');
  for (const ShapeName &known : shapeNames) {
    if (pieces.empty() || pieces[0] != known.name || pieces.size() != known.numbers + 1) continue;
    part.shape = known.shape;
    const auto first = finiteOf(pieces[1]);
    const auto second = known.numbers == 2 ? finiteOf(pieces[2]) : std::optional<double>(0);
    if (!first || !second) return std::nullopt;
    part.first = *first;
    part.second = *second;
    return makesSense(part) ? std::optional(part) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<DelayPart> partOf(std::string_view text) {
  const auto [before, after] = cutAt(text, '*');
  if (!after) return shapeOf(text);
  const auto share = finiteOf(before);
  auto part = shapeOf(*after);
  if (!share || *share < 0 || *share > 1 || !part) return std::nullopt;
  part->share = *share;
  return part;
}

std::string textOf(const DelayPart &p) {
  for (const ShapeName &known : shapeNames)
    if (known.shape == p.shape)
      return fmt::format("{}:{:.12g}", known.name, p.first) +
             (known.numbers == 2 ? fmt::format(":{:.12g}", p.second) : "");
  return {};
}

double sampleOf(const DelayPart &p, RandomStream &random) {
  switch (p.shape) {
  case Shape::Constant: return p.first;
  case Shape::Uniform: return p.first + (p.second - p.first) * random.uniform01();
  case Shape::Exponential: return -detLog(1.0 - random.uniform01()) / p.first;
  case Shape::Pareto: return random.pareto(p.first, p.second);
  }
  return 0;
}

Delay mixture(double share, const DelayPart &body, double tailRate) {
  Delay delay{{body, {1 - share, Shape::Exponential, tailRate, 0}}};
  delay.parts[0].share = share;
  return delay;
}

DelayPart paretoPart(double scale, double shape) { return {1, Shape::Pareto, scale, shape}; }

} // namespace

double Delay::sampleMs(RandomStream &random) const {
  if (parts.empty()) return 0;
  if (parts.size() == 1) return sampleOf(parts.front(), random);
  double left = random.uniform01();
  for (const DelayPart &part : parts) {
    if (left < part.share) return sampleOf(part, random);
    left -= part.share;
  }
  return sampleOf(parts.back(), random);
}

std::string Delay::text() const {
  if (parts.empty()) return "0";
  if (parts.size() == 1) return textOf(parts.front());
  std::string all;
  for (const DelayPart &part : parts)
    all += (all.empty() ? "" : "+") + fmt::format("{:.12g}*", part.share) + textOf(part);
  return all;
}

Result<Delay> Delay::parse(std::string_view text) {
  Delay delay;
  double sum = 0;
  for (const std::string_view piece : cluster::parts(text, '+')) {
    const auto part = partOf(piece);
    if (!part)
      return Fault{"", fmt::format("\"{}\" is no delay: say 5, constant:5, uniform:1:9, exp:RATE, "
                                   "pareto:XM:ALPHA, or shares of them: 0.4*exp:2+0.6*5",
                                   piece)};
    sum += part->share;
    delay.parts.push_back(*part);
  }
  if (delay.parts.empty()) return Fault{"", "a delay is missing"};
  if (delay.parts.size() > delayPartsMax)
    return Fault{"", fmt::format("more than {} parts", delayPartsMax)};
  if (std::abs(sum - 1) > 1e-6)
    return Fault{"", fmt::format("the shares sum to {:.6g}, not to 1", sum)};
  return delay;
}

std::optional<PbsModel> pbsModel(std::string_view name) {
  const Delay ssd = mixture(.9122, paretoPart(.235, 10), 1.66);
  const Delay disk = mixture(.38, paretoPart(1.05, 1.51), .183);
  const Delay yammerWrite = mixture(.939, paretoPart(3, 3.35), .0028);
  const Delay yammer = mixture(.982, paretoPart(1.5, 3.8), .0217);
  if (name == "lnkd-ssd") return PbsModel{ssd, ssd, ssd, ssd, {}};
  if (name == "lnkd-disk") return PbsModel{disk, ssd, ssd, ssd, {}};
  if (name == "ymmr") return PbsModel{yammerWrite, yammer, yammer, yammer, {}};
  if (name == "wan") return PbsModel{disk, ssd, ssd, ssd, {{{1, Shape::Constant, 75, 0}}}};
  return std::nullopt;
}

} // namespace packetarium::cluster

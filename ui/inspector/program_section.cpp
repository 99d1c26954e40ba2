// SPDX-License-Identifier: GPL-3.0-or-later
// A program's form, from its own declaration.
#include "core/programs/program.h"
#include "core/programs/tcp_parameters.h"
#include "core/scenario/chosen.h"
#include "core/scenario/edit.h"
#include "ui/document/faults.h"
#include "ui/inspector/node_properties.h"

#include <QCoreApplication>

#include <algorithm>
#include <set>

namespace packetarium::ui {
namespace {

using scenario::Node;
using scenario::Scenario;

QString say(const char *text) { return QCoreApplication::translate("Properties", text); }

QString fromUtf8(std::string_view s) {
  return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size()));
}

/// What only those who study TCP itself care about.
bool isTcpDetail(const std::string &key) {
  static const std::set<std::string> keys = [] {
    std::set<std::string> all;
    for (const programs::Parameter &p : programs::fullTcpParameters()) all.insert(p.key);
    return all;
  }();
  return keys.contains(key);
}

/// Whether Packetarium knows a value by itself, so that the parameter can be given back to it.
bool isChoosable(std::string_view kind, std::string_view key) {
  if (kind == "browser" || kind == "client-load") return key == "url";
  return kind == "dns-server" && key == "records";
}

template <class N> auto *programOf(N &node, const std::string &id) {
  const auto at = std::find_if(node.programs.begin(), node.programs.end(),
                               [&](const auto &p) { return p.id == id; });
  return at != node.programs.end() ? &*at : nullptr;
}

Property parameterProperty(const scenario::Program &program, const programs::Parameter &parameter) {
  Property p;
  p.path = "programs." + program.id + "." + parameter.key;
  p.spec = specOf(parameter);
  const bool choosable = isChoosable(program.kind, parameter.key);
  if (choosable) p.spec.mayBeEmpty = true;
  p.get = [id = program.id, key = parameter.key](const Scenario &s, const std::string &node) {
    const Node *n = s.node(node);
    const auto *at = n != nullptr ? programOf(*n, id) : nullptr;
    if (at == nullptr) return FieldValue();
    const auto value = at->parameters.find(key);
    return value != at->parameters.end() ? FieldValue(value->second) : FieldValue();
  };
  p.set = [id = program.id, key = parameter.key, choosable](Scenario &s, const std::string &node,
                                                            const FieldValue &value) {
    Node *n = s.node(node);
    auto *at = n != nullptr ? programOf(*n, id) : nullptr;
    if (at == nullptr) return;
    if (value) {
      at->parameters[key] = *value;
      return;
    }
    at->parameters.erase(key);
    if (choosable) n->chosen.insert(scenario::chosenParameter(id, key));
  };
  if (choosable)
    p.origin = [path = scenario::chosenParameter(program.id, parameter.key)](
                   const Scenario &s, const std::string &node) {
      const Node *n = s.node(node);
      return n != nullptr && n->chosen.contains(path) ? FieldOrigin::Chosen : FieldOrigin::ByHand;
    };
  return p;
}

/// "service_ns" beside "service" is the service time.
void tellApart(std::vector<Property> &properties) {
  for (Property &p : properties)
    for (const Property &other : properties)
      if (&p != &other && p.spec.kind == FieldKind::Duration &&
          p.spec.caption == other.spec.caption)
        p.spec.caption = say("%1 time").arg(p.spec.caption);
}

} // namespace

PropertySection programSection(Document &document, const Node &node,
                               const scenario::Program &program) {
  PropertySection section;
  const programs::ProgramType *type = programs::findProgramType(program.kind);
  if (type == nullptr) return section;
  section.title = fromUtf8(type->title);
  section.help = fromUtf8(type->help);
  const bool whole = node.chosen.contains(scenario::chosenProgram(program.id));
  section.remark = whole ? say("auto") : QString();
  for (const bool required : {true, false})
    for (const programs::Parameter &p : type->parameters) {
      if (p.required != required) continue;
      auto &into = isTcpDetail(p.key) ? section.folded : section.properties;
      into.push_back(parameterProperty(program, p));
    }
  tellApart(section.properties);
  tellApart(section.folded);
  section.foldedTitle = say("TCP details");
  if (whole) return section; // it would be chosen again at once
  section.removeLabel = say("Remove %1").arg(section.title);
  section.remove = [&document, at = node.id, id = program.id, title = section.title] {
    const QString label = say("Remove %1 from %2").arg(title, targetLabel(document.scenario(), at));
    (void)document.edit(label, [&](Scenario &s) { scenario::uninstall(s, at, id); });
  };
  return section;
}

} // namespace packetarium::ui

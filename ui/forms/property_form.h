// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/document/document.h"
#include "ui/forms/field.h"

#include <QWidget>

#include <functional>
#include <string>
#include <vector>

class QVBoxLayout;

namespace packetarium::ui {

// One property of a node, link or note: how it is read from a document and put into one.
struct Property {
  using Scenario = scenario::Scenario;

  std::string path; // within the thing: "gateway", "programs.browser.url"
  FieldSpec spec;
  std::function<FieldValue(const Scenario &, const std::string &id)> get;
  // None: the field was emptied.
  std::function<void(Scenario &, const std::string &id, const FieldValue &)> set;
  std::function<FieldOrigin(const Scenario &, const std::string &id)> origin; // may be empty
  // Instead of set, for what is more than a change of a value; may be empty.
  std::function<Status(Document &, const std::vector<std::string> &ids, const FieldValue &)> commit;
};

// Properties under one heading.
struct PropertySection {
  QString title, remark;
  QString help; // tooltip of the heading
  std::vector<Property> properties;
  QString foldedTitle; // of what only experts need, folded away
  std::vector<Property> folded;
  QString removeLabel; // not empty: a button that takes the whole away
  std::function<void()> remove;
};

// One undoable edit of the property on all these things, named after both; edits of the same
// property of the same things that follow one another become one. A fault's message is a sentence.
Status commitProperty(Document &document, const Property &property,
                      const std::vector<std::string> &ids, const FieldValue &value);
// A fault as a sentence for people, without its path.
[[nodiscard]] QString sentenceOf(const Status &status);
// The same for every property of the same things: for merging.
[[nodiscard]] int mergeIdOf(const std::string &path, const std::vector<std::string> &ids);
// "isp – core-1", "3 things".
[[nodiscard]] QString thingsLabel(const scenario::Scenario &scenario,
                                  const std::vector<std::string> &ids);

// Properties of one or several things as fields that are edited in place. Fields stay, with what is
// being typed and the focus, as long as the properties are the same ones.
class PropertyForm : public QWidget {
  Q_OBJECT
public:
  PropertyForm(Document &document, const ThemeHub &hub, QWidget *parent = nullptr);

  void present(std::vector<PropertySection> sections, std::vector<std::string> ids);
  // Reads all values anew.
  void refill();
  [[nodiscard]] Field *field(const std::string &path) const;
  [[nodiscard]] std::vector<Field *> fields() const;

private:
  struct Row {
    Property property;
    Field *field;
  };
  void build();
  void addRows(QVBoxLayout &column, const std::vector<Property> &properties);
  void addSection(QVBoxLayout &column, const PropertySection &section);
  [[nodiscard]] std::string shape(const std::vector<PropertySection> &sections) const;
  void takeOver();

  Document &m_document;
  const ThemeHub &m_hub;
  std::vector<PropertySection> m_sections;
  std::vector<std::string> m_ids;
  std::vector<Row> m_rows;
  std::string m_shape;
  int m_generation = 0;
  std::vector<std::string> m_unfolded; // sections whose folded part is open
  QWidget *m_content = nullptr;
};

} // namespace packetarium::ui

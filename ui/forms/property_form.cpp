// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/forms/property_form.h"

#include "ui/document/faults.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/labels.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

std::string shapeOf(const Property &p) {
  std::string shape = p.path + ":" + std::to_string(static_cast<int>(p.spec.kind));
  for (const FieldSpec &column : p.spec.columns) shape += "|" + column.key;
  return shape + "\n";
}

} // namespace

QString thingsLabel(const scenario::Scenario &scenario, const std::vector<std::string> &ids) {
  if (ids.size() == 1) return targetLabel(scenario, ids.front());
  return PropertyForm::tr("%n things", nullptr, static_cast<int>(ids.size()))
      .replace(QStringLiteral("%n"), QString::number(ids.size()));
}

int mergeIdOf(const std::string &path, const std::vector<std::string> &ids) {
  std::size_t hash = std::hash<std::string>{}(path);
  for (const std::string &id : ids) hash = hash * 31 + std::hash<std::string>{}(id);
  return static_cast<int>(hash % 1'000'000'007);
}

QString sentenceOf(const Status &status) {
  if (status.ok()) return {};
  QString text = QString::fromStdString(status.faults().front().message);
  if (text.isEmpty()) return PropertyForm::tr("This cannot be.");
  text[0] = text[0].toUpper();
  return text.endsWith(QLatin1Char('.')) ? text : text + QLatin1Char('.');
}

Status commitProperty(Document &document, const Property &property,
                      const std::vector<std::string> &ids, const FieldValue &value) {
  if (property.commit) return property.commit(document, ids, value);
  const QString label = PropertyForm::tr("Change %1 of %2")
                            .arg(property.spec.caption, thingsLabel(document.scenario(), ids));
  return document.edit(
      label,
      [&](scenario::Scenario &s) {
        for (const std::string &id : ids) property.set(s, id, value);
      },
      mergeIdOf(property.path, ids));
}

PropertyForm::PropertyForm(Document &document, const ThemeHub &hub, QWidget *parent)
    : QWidget(parent), m_document(document), m_hub(hub) {
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  setSurface(*this, Surface::Panel);
}

std::string PropertyForm::shape(const std::vector<PropertySection> &sections) const {
  std::string shape;
  for (const PropertySection &section : sections) {
    shape += "[" + section.title.toStdString() + "," + section.remark.toStdString() + "," +
             section.removeLabel.toStdString() + "]\n";
    for (const Property &p : section.properties) shape += shapeOf(p);
    for (const Property &p : section.folded) shape += "-" + shapeOf(p);
  }
  return shape;
}

void PropertyForm::present(std::vector<PropertySection> sections, std::vector<std::string> ids) {
  std::string wanted = shape(sections);
  const bool others = ids != m_ids;
  m_sections = std::move(sections);
  m_ids = std::move(ids);
  if (wanted != m_shape || m_content == nullptr) {
    m_shape = std::move(wanted);
    build();
  } else {
    takeOver();
  }
  if (others)
    for (const Row &row : m_rows) row.field->reset();
  refill();
}

/// The same fields for what was read from another document, or for other things.
void PropertyForm::takeOver() {
  std::size_t at = 0;
  const auto take = [&](std::vector<Property> &properties) {
    for (Property &p : properties) {
      Row &row = m_rows[at++];
      row.property = p;
      row.field->setSpec(p.spec);
    }
  };
  for (PropertySection &section : m_sections) {
    take(section.properties);
    take(section.folded);
  }
}

void PropertyForm::build() {
  std::string focused;
  const QWidget *focus = QApplication::focusWidget();
  for (const Row &row : m_rows)
    if (focus != nullptr && row.field->isAncestorOf(focus)) focused = row.property.path;
  m_rows.clear();
  ++m_generation;
  if (m_content != nullptr) {
    m_content->hide();
    m_content->deleteLater(); // a field of it may be at work
  }
  m_content = new QWidget(this);
  setSurface(*m_content, Surface::Panel);
  layout()->addWidget(m_content);
  auto *column = new QVBoxLayout(m_content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(m_hub.typography().px(6));
  for (const PropertySection &section : m_sections) addSection(*column, section);
  m_content->show();
  if (Field *field = this->field(focused)) field->editor()->setFocus();
}

void PropertyForm::addSection(QVBoxLayout &column, const PropertySection &section) {
  const Typography &type = m_hub.typography();
  if (column.count() > 0) column.addSpacing(type.px(4));
  if (!section.title.isEmpty()) {
    auto *head = new QHBoxLayout;
    head->setSpacing(type.px(4));
    auto *title = new SectionHeader(m_hub, section.title, section.remark, m_content);
    title->setToolTip(section.help);
    head->addWidget(title, 1);
    if (section.remove) {
      auto *remove =
          new IconButton(m_hub, "trash", section.removeLabel, IconButton::Variant::Flat, m_content);
      remove->setEdge(22);
      // By its number: the section is read anew with each change of the document.
      const auto at = static_cast<std::size_t>(&section - m_sections.data());
      connect(remove, &QToolButton::clicked, this, [this, at] {
        if (at < m_sections.size() && m_sections[at].remove) {
          const auto act = m_sections[at].remove;
          act();
        }
      });
      head->addWidget(remove);
    }
    column.addLayout(head);
  }
  addRows(column, section.properties);
  if (section.folded.empty()) return;
  const std::string key = section.title.toStdString() + section.foldedTitle.toStdString();
  const bool open = std::find(m_unfolded.begin(), m_unfolded.end(), key) != m_unfolded.end();
  auto *more = new QPushButton(m_content);
  setButtonRole(*more, ButtonRole::Quiet);
  more->setFocusPolicy(Qt::TabFocus);
  auto *body = new QWidget(m_content);
  setSurface(*body, Surface::Panel);
  auto *inner = new QVBoxLayout(body);
  inner->setContentsMargins(0, 0, 0, 0);
  inner->setSpacing(column.spacing());
  const auto unfold = [more, body, title = section.foldedTitle](bool on) {
    body->setVisible(on);
    more->setText((on ? QStringLiteral("▾ ") : QStringLiteral("▸ ")) + title);
  };
  auto *line = new QHBoxLayout;
  line->addWidget(more);
  line->addStretch(1);
  column.addLayout(line);
  column.addWidget(body);
  addRows(*inner, section.folded);
  unfold(open);
  connect(more, &QPushButton::clicked, this, [this, unfold, body, key] {
    const bool on = body->isHidden();
    std::erase(m_unfolded, key);
    if (on) m_unfolded.push_back(key);
    unfold(on);
  });
}

void PropertyForm::addRows(QVBoxLayout &column, const std::vector<Property> &properties) {
  for (const Property &property : properties) {
    auto *field = new Field(m_hub, property.spec, m_content);
    field->setObjectName(QString::fromStdString(property.path));
    const std::size_t at = m_rows.size();
    field->setCommit([this, at, mine = m_generation](const FieldValue &value) {
      if (mine != m_generation) return QString(); // left while the form was built anew
      const Property copy = m_rows[at].property;  // the edit may build the form anew
      return sentenceOf(commitProperty(m_document, copy, m_ids, value));
    });
    column.addWidget(field);
    m_rows.push_back({property, field});
  }
}

void PropertyForm::refill() {
  const scenario::Scenario &s = m_document.scenario();
  for (const Row &row : m_rows) {
    std::vector<FieldValue> values;
    FieldOrigin origin = FieldOrigin::Plain;
    for (const std::string &id : m_ids) {
      values.push_back(row.property.get(s, id));
      if (row.property.origin) origin = std::max(origin, row.property.origin(s, id));
    }
    row.field->setValues(std::move(values));
    row.field->setOrigin(origin);
  }
}

Field *PropertyForm::field(const std::string &path) const {
  for (const Row &row : m_rows)
    if (row.property.path == path) return row.field;
  return nullptr;
}

std::vector<Field *> PropertyForm::fields() const {
  std::vector<Field *> all;
  for (const Row &row : m_rows) all.push_back(row.field);
  return all;
}

} // namespace packetarium::ui

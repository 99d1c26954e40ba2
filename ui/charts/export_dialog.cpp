// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/export_dialog.h"

#include "ui/charts/chart_export.h"
#include "ui/theme/apply_theme.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace packetarium::ui {
namespace {

constexpr std::array<QSize, 4> sizes{QSize(1600, 900), QSize(1920, 1080), QSize(3840, 2160),
                                     QSize(1200, 800)};
constexpr int edgeMin = 200, edgeMax = 8000;

} // namespace

ExportDialog::ExportDialog(const ThemeHub &hub, std::vector<Figure> figures, const QString &id,
                           QWidget *parent)
    : QDialog(parent),
      m_hub(hub),
      m_figures(std::move(figures)),
      m_which(new QComboBox(this)),
      m_format(new QComboBox(this)),
      m_preset(new QComboBox(this)),
      m_ground(new QComboBox(this)),
      m_width(new QSpinBox(this)),
      m_height(new QSpinBox(this)),
      m_preview(new QLabel(this)),
      m_message(new QLabel(this)) {
  setWindowTitle(tr("Export pictures"));
  if (m_figures.size() != 1) m_which->addItem(tr("All of them, one file each"));
  for (const Figure &figure : m_figures) {
    m_which->addItem(figure.title, figure.id);
    if (figure.id == id) m_which->setCurrentIndex(m_which->count() - 1);
  }
  m_format->addItem(tr("PNG, a picture"), QStringLiteral("png"));
  m_format->addItem(tr("SVG, a drawing that stays sharp"), QStringLiteral("svg"));
  m_format->addItem(tr("CSV, the figures behind it"), QStringLiteral("csv"));
  m_preset->addItems({tr("Slide, 1600 × 900"), tr("Full HD, 1920 × 1080"), tr("4K, 3840 × 2160"),
                      tr("Paper, 1200 × 800"), tr("Own size")});
  m_ground->addItem(tr("Light"), int(ThemeKind::Light));
  m_ground->addItem(tr("Dark"), int(ThemeKind::Dark));
  m_ground->addItem(tr("High contrast"), int(ThemeKind::Projector));
  for (QSpinBox *edge : {m_width, m_height}) {
    edge->setRange(edgeMin, edgeMax);
    edge->setSuffix(tr(" px"));
  }
  build();
  setSize(0);
  preview();
}

void ExportDialog::build() {
  m_which->setAccessibleName(tr("Picture"));
  m_format->setAccessibleName(tr("Format"));
  m_preset->setAccessibleName(tr("Size"));
  m_ground->setAccessibleName(tr("Ground"));
  m_width->setAccessibleName(tr("Width"));
  m_height->setAccessibleName(tr("Height"));
  m_preview->setAlignment(Qt::AlignCenter);
  m_preview->setMinimumSize(m_hub.typography().px(420), m_hub.typography().px(240));
  setTextRole(*m_message, TextRole::Bad);
  m_message->setWordWrap(true);
  m_message->hide();
  auto *edges = new QHBoxLayout;
  edges->addWidget(m_width);
  edges->addWidget(new QLabel(QStringLiteral("×"), this));
  edges->addWidget(m_height);
  edges->addStretch(1);
  auto *form = new QFormLayout;
  form->addRow(tr("Picture"), m_which);
  form->addRow(tr("Format"), m_format);
  form->addRow(tr("Size"), m_preset);
  form->addRow(QString(), edges);
  form->addRow(tr("Ground"), m_ground);
  auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  auto *write = buttons->addButton(tr("Export …"), QDialogButtonBox::ActionRole);
  setButtonRole(*write, ButtonRole::Primary);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 16);
  column->setSpacing(12);
  column->addWidget(m_preview, 1);
  column->addLayout(form);
  column->addWidget(m_message);
  column->addWidget(buttons);
  connect(m_preset, &QComboBox::activated, this, &ExportDialog::setSize);
  const auto own = [this] {
    m_preset->setCurrentIndex(m_preset->count() - 1);
    for (int i = 0; i < int(sizes.size()); ++i)
      if (sizes[std::size_t(i)] == pixels()) m_preset->setCurrentIndex(i);
    preview();
  };
  connect(m_width, &QSpinBox::valueChanged, this, own);
  connect(m_height, &QSpinBox::valueChanged, this, own);
  connect(m_which, &QComboBox::currentIndexChanged, this, &ExportDialog::preview);
  connect(m_format, &QComboBox::currentIndexChanged, this, [this] {
    for (QWidget *edit : std::initializer_list<QWidget *>{m_preset, m_width, m_height, m_ground})
      edit->setEnabled(format() != QLatin1String("csv"));
  });
  connect(m_ground, &QComboBox::currentIndexChanged, this, &ExportDialog::preview);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(write, &QPushButton::clicked, this, &ExportDialog::askAndWrite);
  write->setEnabled(!m_figures.empty());
}

void ExportDialog::setSize(int preset) {
  if (preset < 0 || preset >= int(sizes.size())) return;
  const QSize size = sizes[static_cast<std::size_t>(preset)];
  m_width->setValue(size.width());
  m_height->setValue(size.height());
}

QSize ExportDialog::pixels() const { return {m_width->value(), m_height->value()}; }

bool ExportDialog::isAll() const { return m_which->currentData().toString().isEmpty(); }

const Figure &ExportDialog::shown() const {
  const QString id = m_which->currentData().toString();
  for (const Figure &figure : m_figures)
    if (figure.id == id) return figure;
  return m_figures.front();
}

const Theme &ExportDialog::ground() const {
  return Theme::of(static_cast<ThemeKind>(m_ground->currentData().toInt()));
}

void ExportDialog::preview() {
  if (m_figures.empty()) return;
  const double dpr = devicePixelRatioF();
  const QSize room = m_preview->minimumSize();
  const QSize size = (QSizeF(pixels()).scaled(room, Qt::KeepAspectRatio) * dpr).toSize();
  QImage image = shown().image(size.expandedTo({40, 40}), ground(), m_hub.typography());
  image.setDevicePixelRatio(dpr);
  m_preview->setPixmap(QPixmap::fromImage(image));
  m_preview->setAccessibleName(tr("Preview of %1").arg(shown().title));
}

QString ExportDialog::format() const { return m_format->currentData().toString(); }

void ExportDialog::setFormat(const QString &format) {
  m_format->setCurrentIndex(std::max(0, m_format->findData(format)));
}

QString ExportDialog::write(const QString &path) const {
  QString message;
  if (!isAll()) return writeFigure(shown(), path, pixels(), ground(), m_hub.typography());
  writeFigures(m_figures, path, format(), pixels(), ground(), m_hub.typography(), &message);
  return message;
}

void ExportDialog::askAndWrite() {
  auto *files = new QFileDialog(this);
  files->setAttribute(Qt::WA_DeleteOnClose);
  if (isAll()) {
    files->setFileMode(QFileDialog::Directory);
    files->setOption(QFileDialog::ShowDirsOnly);
    files->setWindowTitle(tr("Folder for the pictures"));
  } else {
    files->setAcceptMode(QFileDialog::AcceptSave);
    const QString ending = format();
    files->setNameFilter(ending == QLatin1String("csv")   ? tr("Table (*.csv)")
                         : ending == QLatin1String("svg") ? tr("SVG drawing (*.svg)")
                                                          : tr("PNG picture (*.png)"));
    files->setDefaultSuffix(ending);
    files->selectFile(shown().id + QLatin1Char('.') + ending);
  }
  connect(files, &QFileDialog::fileSelected, this, [this](const QString &path) {
    const QString message = write(path);
    m_message->setText(message);
    m_message->setVisible(!message.isEmpty());
    if (message.isEmpty()) accept();
  });
  files->open();
}

} // namespace packetarium::ui

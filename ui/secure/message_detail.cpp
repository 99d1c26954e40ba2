// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secure/message_detail.h"

#include "core/wire/dissect.h"
#include "ui/inspector/field_model.h"
#include "ui/secure/security_words.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/clamped_label.h"
#include "ui/widgets/labels.h"

#include <QFontMetricsF>
#include <QHeaderView>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QTextBlock>
#include <QTreeView>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

constexpr int offsetDigits = 6; // "0000  "

struct MessageWord {
  std::string_view name;
  const char *text, *reference;
};

constexpr MessageWord messageWords[] = {
    {"Client Hello", QT_TR_NOOP("What the client offers. The server chooses from it."),
     "RFC 8446, 4.1.2"},
    {"Hello Retry Request",
     QT_TR_NOOP("The client guessed a group that the server does not take: once more, please."),
     "RFC 8446, 4.1.4"},
    {"Server Hello", QT_TR_NOOP("What the server chose, and its random number. Always in clear."),
     "RFC 8446, 4.1.3"},
    {"Encrypted Extensions",
     QT_TR_NOOP("What else the server chose, and nobody else needs to know."), "RFC 8446, 4.3.1"},
    {"Certificate", QT_TR_NOOP("Who it says it is. Anyone can copy it: alone it proves nothing."),
     "RFC 8446, 4.4.2"},
    {"Certificate Verify",
     QT_TR_NOOP("A signature over the handshake: its sender has the certificate's private key."),
     "RFC 8446, 4.4.3"},
    {"Server Key Exchange",
     QT_TR_NOOP("The server's public value, in clear, signed with its certificate's key."),
     "RFC 8422, 5.4"},
    {"Client Key Exchange", QT_TR_NOOP("The client's public value, in clear."), "RFC 8422, 5.7"},
    {"Finished", QT_TR_NOOP("Fits only if both ends saw the same messages and have the same keys."),
     "RFC 8446, 4.4.4"},
    {"New Session Ticket", QT_TR_NOOP("With it the client can resume and save the certificate."),
     "RFC 8446, 4.6.1"},
    {"Key Update", QT_TR_NOOP("From here on its sender uses the next generation of its key."),
     "RFC 8446, 4.6.3"},
};

QString wordOf(const analysis::TlsLine &line, QString *reference) {
  if (line.kind == analysis::TlsLine::Kind::Data)
    return MessageDetail::tr("What the programs say. On the way one sees its size and its time.");
  if (line.kind == analysis::TlsLine::Kind::Alert) return QString::fromStdString(line.detail);
  for (const MessageWord &word : messageWords)
    if (word.name == line.name) {
      *reference = QString::fromLatin1(word.reference);
      return MessageDetail::tr(word.text);
    }
  return {};
}

QString hexDump(const std::vector<std::uint8_t> &bytes, std::uint32_t perRow) {
  QString text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % perRow == 0)
      text += (i == 0 ? QString() : QStringLiteral("\n")) +
              QStringLiteral("%1 ").arg(i, 4, 16, QLatin1Char('0')) + QLatin1Char(' ');
    text += QStringLiteral("%1 ").arg(bytes[i], 2, 16, QLatin1Char('0'));
  }
  return text;
}

} // namespace

MessageDetail::MessageDetail(ViewState &state, QWidget *parent)
    : QWidget(parent),
      m_state(state),
      m_title(new ElidedLabel(state.hub(), {}, TextRole::Name, this)),
      m_word(new ClampedLabel(state.hub(), this)),
      m_fields(new FieldModel(state.hub(), this)) {
  auto *split = new QSplitter(Qt::Vertical, this);
  split->setChildrenCollapsible(false);
  split->setHandleWidth(1);
  m_tree = new QTreeView(split);
  m_tree->setModel(m_fields);
  m_tree->setHeaderHidden(true);
  m_tree->setUniformRowHeights(true);
  m_tree->setFrameShape(QFrame::NoFrame);
  m_tree->setAccessibleName(tr("Fields of the message"));
  m_tree->header()->setStretchLastSection(true);
  m_hex = new QPlainTextEdit(split);
  m_hex->setReadOnly(true);
  m_hex->setFrameShape(QFrame::NoFrame);
  m_hex->setLineWrapMode(QPlainTextEdit::NoWrap);
  m_hex->setAccessibleName(tr("Bytes of the message"));
  m_hex->setMinimumHeight(state.typography().px(34));
  split->addWidget(m_tree);
  split->addWidget(m_hex);
  split->setStretchFactor(0, 3);
  split->setStretchFactor(1, 1);
  m_word->setMaximumLines(2);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(8, 2, 0, 0);
  column->setSpacing(2);
  column->addWidget(m_title);
  column->addWidget(m_word);
  column->addWidget(split, 1);
  column->addStretch(0);
  const auto follow = [this] { m_hex->setFont(m_state.typography().monoSmall()); };
  follow();
  connect(&state.hub(), &ThemeHub::changed, this, [this, follow] {
    follow();
    showBytes();
  });
  connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this,
          &MessageDetail::markField);
}

void MessageDetail::setLine(const analysis::TlsLine *line, bool tls13) {
  const trace::Sequence wanted = line == nullptr ? 0 : line->first().sequence;
  if (wanted == m_shown && (line == nullptr || line->bytes == m_bytes)) return;
  m_shown = wanted;
  m_bytes = line == nullptr ? std::vector<std::uint8_t>{} : line->bytes;
  m_title->setText(line == nullptr
                       ? tr("Nothing was said yet")
                       : dotted({QString::fromStdString(line->name), keyWords(line->key)}));
  QString reference;
  const QString word = line == nullptr ? QString() : wordOf(*line, &reference);
  m_word->setText(word, reference);
  m_word->setVisible(!word.isEmpty());
  m_fields->setFields(m_bytes.empty() ? std::vector<wire::Field>{}
                                      : wire::dissectHandshake(m_bytes, tls13).layers);
  m_tree->expandToDepth(0);
  m_tree->resizeColumnToContents(0);
  m_tree->parentWidget()->setVisible(!m_bytes.empty());
  showBytes();
}

void MessageDetail::showBytes() {
  const QFontMetricsF mono(m_state.typography().monoSmall());
  const double digits = m_hex->viewport()->width() / mono.horizontalAdvance(QLatin1Char('0')) - 3;
  m_perRow = digits >= offsetDigits + 3 * 16 ? 16 : 8;
  m_hex->setPlainText(hexDump(m_bytes, m_perRow));
  markField();
}

void MessageDetail::resizeEvent(QResizeEvent *event) {
  QWidget::resizeEvent(event);
  showBytes();
}

/// The bytes of the field that is chosen in the tree.
void MessageDetail::markField() {
  const wire::Field *field = m_fields->field(m_tree->currentIndex());
  QList<QTextEdit::ExtraSelection> marks;
  const std::uint32_t from = field == nullptr ? 0 : field->offset;
  const std::uint32_t to = field == nullptr ? 0 : field->offset + field->length;
  for (std::uint32_t row = from / m_perRow; row * m_perRow < to; ++row) {
    const std::uint32_t first = std::max(from, row * m_perRow);
    const std::uint32_t last = std::min(to, (row + 1) * m_perRow);
    const QTextBlock block = m_hex->document()->findBlockByNumber(static_cast<int>(row));
    if (!block.isValid()) break;
    const auto column = [&](std::uint32_t byte) {
      return block.position() + offsetDigits + 3 * static_cast<int>(byte - row * m_perRow);
    };
    QTextEdit::ExtraSelection mark;
    mark.cursor = QTextCursor(block);
    mark.cursor.setPosition(column(first));
    mark.cursor.setPosition(std::min(column(last) - 1, block.position() + block.length() - 1),
                            QTextCursor::KeepAnchor);
    mark.format.setBackground(m_state.theme().selection);
    mark.format.setForeground(m_state.theme().text);
    if (marks.isEmpty()) {
      QTextCursor seen = mark.cursor;
      seen.clearSelection();
      m_hex->setTextCursor(seen);
    }
    marks.push_back(mark);
  }
  m_hex->setExtraSelections(marks);
}

} // namespace packetarium::ui

"""One look for the whole program: an 8-pixel grid, one accent colour, light, dark, high contrast.

Every foreground/background pair used for text meets WCAG 2.2 AA (4.5:1), in high contrast
AAA (7:1).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from string import Template

from PySide6.QtCore import QEvent, QLoggingCategory
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from clinic_app.paths import RESOURCES

LOOK_CHANGES = frozenset({QEvent.Type.PaletteChange, QEvent.Type.StyleChange})
"""What a widget hears, several times over, when the look changes."""

UNIT = 8
"""The grid in pixels; margins and gaps are multiples of it."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#rrggbb`` (``scrim``, behind a sheet, with opacity). ``severity`` goes from none
    to severe in one hue: never red or green, and never without a word beside it."""

    name: str
    window: str
    surface: str
    sunken: str
    border: str
    text: str
    muted: str
    accent: str
    accent_strong: str
    accent_soft: str
    on_accent: str
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str
    good: str
    scrim: str
    brand: str
    on_brand: str
    severity: tuple[str, str, str, str]


LIGHT = Palette(
    name="light",
    window="#f4f7f7",
    surface="#ffffff",
    sunken="#eaf0f0",
    border="#d3dcdd",
    text="#182427",
    muted="#566569",
    accent="#1f6f78",
    accent_strong="#16565e",
    accent_soft="#e0eff0",
    on_accent="#ffffff",
    danger="#a8281f",
    danger_soft="#fbe9e7",
    warning="#7d5400",
    warning_soft="#fdf3dc",
    good="#27694a",
    scrim="rgba(14, 26, 29, 115)",
    brand="#14535b",
    on_brand="#f2fafa",
    severity=("#b9d7da", "#7fb5ba", "#44878f", "#164f56"),
)

DARK = Palette(
    name="dark",
    window="#10171a",
    surface="#182124",
    sunken="#212c30",
    border="#35444a",
    text="#e6edee",
    muted="#a3b3b7",
    accent="#63bcc5",
    accent_strong="#86d0d7",
    accent_soft="#183a3f",
    on_accent="#06262a",
    danger="#f39b93",
    danger_soft="#3b1f1d",
    warning="#e6b857",
    warning_soft="#382c12",
    good="#7bcfa2",
    scrim="rgba(0, 0, 0, 150)",
    brand="#132a2e",
    on_brand="#dcebec",
    severity=("#2a555b", "#3d8189", "#63bcc5", "#b5e4e9"),
)

CONTRAST = Palette(
    name="contrast",
    window="#000000",
    surface="#000000",
    sunken="#1c1c1c",
    border="#ffffff",
    text="#ffffff",
    muted="#e2e2e2",
    accent="#6fe7f2",
    accent_strong="#b6f3f9",
    accent_soft="#00343a",
    on_accent="#000000",
    danger="#ffb3ab",
    danger_soft="#4a0803",
    warning="#ffd75e",
    warning_soft="#3a2c00",
    good="#94f2bd",
    scrim="rgba(0, 0, 0, 200)",
    brand="#000000",
    on_brand="#ffffff",
    severity=("#3f7a82", "#58a9b3", "#8fdce5", "#e2fbfe"),
)

PALETTES = {palette.name: palette for palette in (LIGHT, DARK, CONTRAST)}

_STYLE = Template("""
QWidget { color: $text; font-size: ${body}px; }
QMainWindow, QDialog, QWidget#window { background: $window; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[role="figure"] { font-size: ${figure}px; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: ${small}px; }
QLabel[role="error"] { color: $danger; }
QFrame[role="card"] { background: $surface; border: 1px solid $border; border-radius: 10px; }
QFrame[role="sunken"] { background: $sunken; border-radius: 8px; }
QFrame[role="danger"] { background: $danger_soft; border: 1px solid $danger; border-radius: 8px; }
QFrame[role="warning"] { background: $warning_soft; border: 1px solid $warning;
  border-radius: 8px; }
QFrame[role="info"] { background: $accent_soft; border-radius: 8px; }
QFrame[role="line"] { background: $border; max-height: 1px; border: none; }
QPushButton { background: $surface; border: 1px solid $border; border-radius: 8px;
  padding: 8px 16px; min-height: 20px; }
QPushButton:hover { border-color: $accent; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: 7px 15px; }
QPushButton:disabled { color: $muted; background: $sunken; border-color: $border; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent;
  font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent_strong; border-color: $accent_strong; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $sunken; color: $muted; border-color: $border; }
QPushButton[role="quiet"] { background: transparent; border-color: transparent; color: $accent; }
QPushButton[role="quiet"]:hover { background: $accent_soft; }
QPushButton[role="quiet"]:focus { border: 2px solid $accent; }
QPushButton[role="danger"] { color: $danger; border-color: $danger; }
QPushButton[role="nav"] { text-align: left; background: transparent; border: none;
  border-radius: 8px; padding: 10px 12px; min-height: ${control}px; color: $muted; }
QPushButton[role="nav"]:hover { background: $sunken; color: $text; }
QPushButton[role="nav"]:focus { border: 2px solid $accent; padding: 8px 10px; }
QPushButton[role="nav"]:checked { background: $accent_soft; color: $accent; font-weight: 600; }
QPushButton[role="choice"] { text-align: left; padding: 12px 16px; }
QPushButton[role="choice"]:checked { background: $accent_soft; border: 2px solid $accent;
  color: $text; font-weight: 600; }
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QDateEdit, QDateTimeEdit, QSpinBox {
  background: $surface; border: 1px solid $border; border-radius: 8px; padding: 8px 10px;
  selection-background-color: $accent; selection-color: $on_accent; min-height: 20px; }
QLineEdit, QPlainTextEdit, QTextEdit { placeholder-text-color: $muted; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QDateEdit:focus,
QDateTimeEdit:focus, QSpinBox:focus { border: 2px solid $accent; padding: 7px 9px; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"] { border: 2px solid $danger; }
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QComboBox:disabled {
  color: $muted; background: $sunken; }
QComboBox::drop-down { border: none; width: ${heading}px; padding-right: 10px; }
QComboBox::down-arrow { image: url("$chevron"); width: ${body}px; height: ${body}px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $border;
  selection-background-color: $accent_soft; selection-color: $text; outline: none; }
QCheckBox, QRadioButton { spacing: 10px; padding: 4px; background: transparent; }
QCheckBox:focus, QRadioButton:focus { background: $accent_soft; border-radius: 6px; }
QTableView, QListView, QListWidget, QTreeView { background: $surface; border: 1px solid $border;
  border-radius: 10px; outline: none; alternate-background-color: $surface;
  selection-background-color: $accent_soft; selection-color: $text; gridline-color: transparent; }
QTableView { icon-size: ${icon}px; }
QTableView::item, QListView::item, QListWidget::item { padding: 8px 12px;
  border-bottom: 1px solid $sunken; }
QTableView:focus, QListView:focus { border: 1px solid $accent; }
QHeaderView { background: transparent; }
QHeaderView::section { background: $surface; color: $muted; border: none;
  border-bottom: 1px solid $border; padding: 8px 15px; font-weight: 600; }
QHeaderView::section:first { border-top-left-radius: 9px; }
QHeaderView::section:last { border-top-right-radius: 9px; }
QHeaderView::section:only-one { border-top-left-radius: 9px; border-top-right-radius: 9px; }
QProgressBar { background: $sunken; border: none; border-radius: 4px; max-height: 8px;
  min-height: 8px; text-align: center; color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 4px; }
QSlider::groove:horizontal { height: 6px; background: $sunken; border-radius: 3px; }
QSlider::handle:horizontal { width: 20px; height: 20px; margin: -7px 0; border-radius: 10px;
  background: $accent; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 2px; }
QScrollBar::handle:vertical { background: $border; border-radius: 4px; min-height: 32px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 2px; }
QScrollBar::handle:horizontal { background: $border; border-radius: 4px; min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QToolTip { background: $surface; color: $text; border: 1px solid $border; padding: 6px; }
QWidget#navigation { background: $surface; border-right: 1px solid $border; }
QWidget#header { background: $surface; border-bottom: 1px solid $border; }
QWidget#scrim { background: $scrim; }
QWidget#brand { background: $brand; }
QWidget#brand QLabel { color: $on_brand; }
QWidget#cover { background: $window; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="display"] { font-size: ${display}px; font-weight: 600; }
QLabel[role="caption"] { color: $muted; font-size: ${small}px; font-weight: 600; }
QLabel[role="alarm"] { color: $danger; font-weight: 600; }
QLabel[role="good"] { color: $good; }
QLabel[role="small-good"] { color: $good; font-size: ${small}px; }
QLabel[role="caution"] { color: $warning; }
QLabel[role="key"] { font-size: ${heading}px; font-weight: 600; background: $sunken;
  border-radius: 8px; padding: 8px 12px; }
QLabel[role="badge"] { background: $sunken; color: $muted; border-radius: 8px;
  padding: 2px 8px; font-size: ${small}px; font-weight: 600; }
QLabel[role="badge-accent"] { background: $accent_soft; color: $accent; border-radius: 8px;
  padding: 2px 8px; font-size: ${small}px; font-weight: 600; }
QLabel[role="badge-danger"] { background: $danger_soft; color: $danger; border-radius: 8px;
  padding: 2px 8px; font-size: ${small}px; font-weight: 600; }
QLabel[role="badge-warning"] { background: $warning_soft; color: $warning; border-radius: 8px;
  padding: 2px 8px; font-size: ${small}px; font-weight: 600; }
QLabel[role="avatar"] { background: $accent_soft; color: $accent; border-radius: ${heading}px;
  font-weight: 600; }
QFrame[role="edged"] { background: $surface; border: 1px solid $danger;
  border-left: 6px solid $danger; border-top-left-radius: 0; border-bottom-left-radius: 0;
  border-top-right-radius: 10px; border-bottom-right-radius: 10px; }
QFrame[role="hint"] { background: $accent_soft; border-bottom: 1px solid $border; }
QFrame[role="toast"] { background: $text; border-radius: 10px; }
QFrame[role="toast"] QLabel { color: $surface; }
QFrame[role="sheet"] { background: $surface; border: 1px solid $border; border-radius: 14px; }
QFrame[role="tile"] { background: $surface; border: 1px solid $border; border-radius: 10px; }
QPushButton[role="chip"] { border-radius: 16px; padding: 5px 14px; min-height: 20px; }
QPushButton[role="chip"]:hover { border-color: $accent; }
QPushButton[role="chip"]:checked { background: $accent_soft; border: 1px solid $accent;
  color: $accent; }
QPushButton[role="chip"]:focus { border: 2px solid $accent; padding: 4px 13px; }
QPushButton[role="tile"] { text-align: left; padding: 0; border-radius: 12px; }
QPushButton[role="tile"]:hover { background: $accent_soft; border-color: $accent; }
QPushButton[role="tile"]:focus { border: 2px solid $accent; padding: 0; }
QPushButton[role="tile"]:checked { background: $accent_soft; border: 2px solid $accent; }
QPushButton[role="row"] { text-align: left; background: transparent; border: none;
  border-radius: 8px; padding: 8px 12px; }
QPushButton[role="row"]:hover { background: $accent_soft; }
QPushButton[role="row"]:focus { border: 2px solid $accent; padding: 6px 10px; }
QPushButton[role="icon"] { background: transparent; border: none; border-radius: 8px;
  padding: 8px; min-height: 18px; }
QPushButton[role="icon"]:hover { background: $sunken; }
QPushButton[role="icon"]:focus { border: 2px solid $accent; padding: 6px; }
QPushButton[role="link"] { background: transparent; border: none; color: $accent; padding: 4px;
  text-align: left; }
QPushButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus { border: 2px solid $accent; border-radius: 6px; padding: 2px; }
QTextBrowser { background: transparent; border: none; padding: 0; }
QTextBrowser:focus { border: 2px solid $accent; padding: 0; }
""")


def style_sheet(palette: Palette, scale: float = 1.0) -> str:
    """The style sheet for ``palette``; ``scale`` (1.0 to 2.0) enlarges every text."""
    colours = {
        name: getattr(palette, name)
        for name in Palette.__dataclass_fields__
        if name not in ("name", "severity")
    }
    sizes = {
        "small": 12,
        "body": 14,
        "control": 20,
        "heading": 17,
        "title": 24,
        "display": 28,
        "figure": 32,
        "icon": 16,
    }
    chevron = RESOURCES / "icons" / f"chevron_{palette.name}.svg"
    colours["chevron"] = chevron.as_posix()
    return _STYLE.substitute(colours, **{k: round(v * scale) for k, v in sizes.items()})


def apply_theme(application: QApplication, palette: Palette, scale: float = 1.0) -> None:
    """Give the running program this look; may be called again at any time."""
    sheet = style_sheet(palette, scale)
    if application.styleSheet() == sheet:
        return
    if application.property("theme") is None:  # every widget is styled anew by each of these calls
        application.setStyle("Fusion")
    # First, so that widgets that paint themselves already find the new look.
    application.setProperty("theme", palette.name)
    application.setProperty("text_scale", scale)
    base = QFont()
    base.setFamilies(_families())
    base.setPixelSize(round(14 * scale))
    application.setFont(base)
    application.setPalette(_qt_palette(palette))
    application.setStyleSheet(sheet)


@functools.cache
def _families() -> list[str]:
    """The shipped fonts, Latin first and the big fallbacks last: names come in every script."""
    # Qt warns for every font of the list that lacks a script, before it takes the one that has it.
    QLoggingCategory.setFilterRules("qt.text.font.db=false")
    families: dict[str, None] = {"Noto Sans": None}
    for font in sorted((RESOURCES / "fonts").glob("*.ttf"), key=_fallbacks_last):
        number = QFontDatabase.addApplicationFont(str(font))
        families |= dict.fromkeys(QFontDatabase.applicationFontFamilies(number))
    return list(families)


def _fallbacks_last(font: Path) -> tuple[bool, str]:
    return not font.name.startswith("Noto"), font.name


def current_palette() -> Palette:
    """The palette in use, for widgets that paint themselves."""
    application = QApplication.instance()
    name = application.property("theme") if application is not None else None
    return PALETTES.get(str(name), LIGHT)


def look() -> tuple[str, int]:
    """Names the present look: what is drawn once compares it to know when to draw anew."""
    return current_palette().name, scaled(1000)


def scaled(pixels: int) -> int:
    """``pixels`` at the present text size, for widths that have to grow with the text."""
    application = QApplication.instance()
    scale = application.property("text_scale") if application is not None else None
    return round(pixels * float(scale or 1.0))


def _qt_palette(palette: Palette) -> QPalette:
    colours = QPalette()
    roles = {
        QPalette.ColorRole.Window: palette.window,
        QPalette.ColorRole.WindowText: palette.text,
        QPalette.ColorRole.Base: palette.surface,
        QPalette.ColorRole.AlternateBase: palette.sunken,
        QPalette.ColorRole.Text: palette.text,
        QPalette.ColorRole.Button: palette.surface,
        QPalette.ColorRole.ButtonText: palette.text,
        QPalette.ColorRole.Highlight: palette.accent,
        QPalette.ColorRole.HighlightedText: palette.on_accent,
        QPalette.ColorRole.ToolTipBase: palette.surface,
        QPalette.ColorRole.ToolTipText: palette.text,
        QPalette.ColorRole.PlaceholderText: palette.muted,
        QPalette.ColorRole.Link: palette.accent,
    }
    for role, colour in roles.items():
        colours.setColor(role, QColor(colour))
    return colours

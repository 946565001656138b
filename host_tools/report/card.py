"""The validation card: what each figure of the report can show and what it cannot."""

from host_tools.report import wording
from host_tools.report.markup import section, table


def card_section():
    """Return the card."""
    return section(
        "What these figures can and cannot show",
        table("", ("figure", "can show", "cannot show, and its error"), wording.CARD, kind="words card-table"),
    )

"""Where this package lies, and the checkout around it; an installed package has none."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent

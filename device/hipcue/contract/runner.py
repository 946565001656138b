"""The pseudonym of a runner: what a log, a folder and a report may say of who wore the clip, and nothing else."""

MOST_CHARACTERS = 11  # a clip's identity has 12: neither is taken for the other
DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS = CAPITALS + CAPITALS.lower()
ALLOWED = DIGITS + LETTERS + "-"


def check(text):
    """Return `text` as a pseudonym, in capitals; ValueError says what one is.

    A letter and a digit must be in it, as in neither a name nor a date of birth. Capitals, so that R017 and r017 are
    one runner.
    """
    if (
        not isinstance(text, str)
        or not 0 < len(text) <= MOST_CHARACTERS
        or text[0] == "-"
        or not all(character in ALLOWED for character in text)
        or not any(digit in text for digit in DIGITS)
        or not any(letter in text for letter in LETTERS)
    ):
        raise ValueError(
            "a runner's pseudonym is a code such as R017, never a name: up to %d letters and digits, both among them, "
            "and -, not %r" % (MOST_CHARACTERS, text)
        )
    return text.upper()

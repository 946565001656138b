"""What a command says: text for people, one JSON object for programs."""

import contextlib
import json
import math
import sys

import numpy as np


class Output:
    """Prints sentences, unless `as_json`: then only the result, as one JSON object."""

    def __init__(self, as_json=False):
        self.as_json = as_json
        self._bars_aside = contextlib.nullcontext

    def say(self, sentence=""):
        """Print a sentence for a person."""
        if not self.as_json:
            with self._bars_aside():
                print(sentence, flush=True)

    def warn(self, sentence):
        """Print a sentence that a person should not miss."""
        with self._bars_aside():
            print(sentence, file=sys.stderr, flush=True)

    def result(self, result):
        """Print the result for a program; an empty one is none."""
        if self.as_json and result:
            print(json.dumps(plain(result)), flush=True)

    def progress(self, total, unit, label):
        """Return a tqdm bar; it shows nothing when the output is no terminal."""
        from tqdm import tqdm

        self._bars_aside = tqdm.external_write_mode
        silent = self.as_json or not sys.stderr.isatty()
        return tqdm(total=total, unit=unit, desc=label, disable=silent, unit_scale=unit == "B", leave=False)

    def each(self, items, unit, label):
        """Yield each of `items`, a bar beside them."""
        with self.progress(len(items), unit, label) as bar:
            for item in items:
                yield item
                bar.update()


def plain(value):
    """Return `value` with numpy numbers and arrays made plain and NaN made None (JSON has no NaN)."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def counted(count, noun):
    """Return `count` and its noun, as in `1 session` and `2 sessions`."""
    return "%d %s%s" % (count, noun, "" if count == 1 else "s")

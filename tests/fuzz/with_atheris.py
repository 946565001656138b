"""make fuzz: all targets under atheris, guided by the coverage of our own modules. Ends at the first crash or hang.

Run from the root: python tests/fuzz/with_atheris.py [-max_total_time=60 ...]; the options are libFuzzer's.
"""

import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "bench")]
with atheris.instrument_imports(include=["hipcue", "host_tools"]):
    import targets

DEFAULTS = ["-max_total_time=60", "-timeout=5", "-rss_limit_mb=2048", "-max_len=8192", "-print_final_stats=1"]


def one_input(data):
    """Run the target that the first byte chooses on the rest."""
    if data:
        targets.TARGETS[data[0] % len(targets.TARGETS)](data[1:])


def corpus(folder):
    """Write the targets' seeds to `folder`."""
    for target, seed in targets.seeds().items():
        number = targets.TARGETS.index(target)
        (folder / target.__name__).write_bytes(bytes((number,)) + seed)


with tempfile.TemporaryDirectory(prefix="hipcue-") as name:
    corpus(Path(name))
    atheris.Setup([sys.argv[0], *DEFAULTS, *sys.argv[1:], name], one_input)
    atheris.Fuzz()

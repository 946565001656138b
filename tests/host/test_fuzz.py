"""The targets of tests/fuzz with hypothesis: anything, and seeds with bytes turned, cut and put in.

FUZZ_EXAMPLES=<number> asks for more, each time others: make fuzz.
"""

import os
import random

import pytest
import targets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", 0))
LONGEST_MS = 2000  # an input that takes longer counts as a hang
fuzzed = settings(
    max_examples=EXAMPLES or 60,
    derandomize=not EXAMPLES,
    database=None,
    deadline=LONGEST_MS,
    suppress_health_check=list(HealthCheck),
)
SEEDS = targets.seeds()


def changed(seed, chance):
    """Return `seed` with some bytes turned, a stretch taken out and one put in."""
    data = bytearray(seed)
    for _ in range(chance.randrange(6)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(data))
        stretch = data[at : at + chance.randrange(600)]
        data[at : at + chance.choice((0, len(stretch)))] = chance.choice((b"", stretch, chance.randbytes(7)))
        if not data:
            data = bytearray(b"{")
    return bytes(data)


@pytest.mark.parametrize("target", targets.TARGETS, ids=lambda target: target.__name__)
@fuzzed
@given(data=st.binary(max_size=3000))
def test_anything(target, data):
    target(data or b"0")


@pytest.mark.parametrize("target", targets.TARGETS, ids=lambda target: target.__name__)
@fuzzed
@given(seed=st.integers(0, 2**32))
def test_changed_seeds(target, seed):
    target(changed(SEEDS[target], random.Random(seed)))


@fuzzed
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("<Bh"),
        lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=30,
    )
)
def test_any_json_as_schema(value):
    targets.schema(targets.json.dumps(value).encode())


@fuzzed
@given(seed=st.integers(0, 2**32))
def test_schema_with_other_fields(seed):
    """Fields renamed, retyped, left out, moved to another type: a later contract, or none at all."""
    chance = random.Random(seed)
    schema = targets.record.schema()
    for _ in range(chance.randrange(1, 4)):
        row = chance.choice(schema)
        what = chance.randrange(4)
        if what == 0:
            row[0] = chance.randrange(-1, 300)
            continue
        names = row[3].split()
        if what == 1 and names:
            names.pop(chance.randrange(len(names)))
        elif what == 2:
            row[2] = "<B" + "".join(chance.choice(["b", "H", "2h", "q", "0i", "B"]) for _ in names)
        elif names:
            names[chance.randrange(len(names))] = chance.choice(["offset_ms", "side", "x"])
        row[3] = " ".join(names)
    targets.schema(targets.json.dumps(schema).encode())

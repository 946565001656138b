"""`make torture`, shortened: every seventh flash operation of a small workload cut short, and 400 damages to a log."""

import random

import corruption
import pytest
import torture

from hipcue.contract.record import BLOCK_BYTES


@pytest.fixture(scope="module")
def log(binary):
    return torture.log_bytes(3)


def test_power_cuts_and_resets(log):
    cuts = torture.power_cuts(2, 7, 5)
    assert not cuts["findings"]
    assert cuts["cuts"] > 200 and cuts["resets"] > 180 and cuts["lost_by_reset"] == 0
    assert 100 < cuts["on_values"] < cuts["operations"] - 100  # cut in the journal as well as in the files
    # A tail of none would say that the check is blind: steps wait for up to 10 s.
    assert 8000 < cuts["worst_tail_ms"] <= 10000


def test_damage(log):
    damage = corruption.run(log, 400, 5)
    assert damage["false_accepts"] == damage["passed_as_whole"] == 0
    assert damage["recovered"] == damage["unaffected"] > 7000


@pytest.mark.parametrize("kind", corruption.KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_damage_says_what_it_took(log, kind):
    rng = random.Random(3)
    blocks = [log[at : at + BLOCK_BYTES] for at in range(0, len(log), BLOCK_BYTES)]
    for _ in range(50):
        damaged = kind(log, rng)
        kept = [block for number, block in enumerate(blocks) if number not in damaged.gone]
        assert all(block in damaged.data for block in kept)
    assert damaged.data != log

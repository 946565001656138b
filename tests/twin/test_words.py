"""The motors' language: no two words alike, the more urgent first, none cut short by a lesser one."""

from bench import raises

from hipcue.contract.emg import GLUTE_CODES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.cue import Cue
from hipcue.words import WORDS, Speaker

QUIET, ACTIVE = GLUTE_CODES["quiet"], GLUTE_CODES["active"]


class Haptics:
    """Notes what is played; `running` until the test says otherwise."""

    def __init__(self):
        self.running = False
        self.played = []

    def play(self, pulses, strength_pct, now_ms):
        self.played.append((pulses, strength_pct))
        self.running = True


def cue(side, glute=ACTIVE):
    return Cue(side, side, 1, 9.0, 7.0, 180, glute, 100)


def said(call, *arguments):
    """Return (pulses, strength) of one word by a speaker of 80 %."""
    haptics = Haptics()
    getattr(Speaker(haptics, 80), call)(*arguments)
    (played,) = haptics.played
    return played


def all_words():
    words = {name: said("say", name, 0) for name, _, _ in WORDS}
    for side in (SIDE_LEFT, SIDE_RIGHT):
        words["drop", side] = said("cue", cue(side), 0)
        words["drop with a quiet glute", side] = said("cue", cue(side, QUIET), 0)
        words["success", side] = said("success", side, 0)
        words["reached", side] = said("reached", side, 0)
    return words


def test_no_two_words_are_alike():
    """By sides, number of pulses, or lengths to 0.1 s; a target that was held is felt in drills, where no cue is."""
    felt = {}
    for name, (pulses, strength_pct) in all_words().items():
        shape = tuple([(side, round(on_ms / 100)) for side, on_ms, _ in pulses]), strength_pct
        if name[0] != "reached":
            assert shape not in felt, (name, felt[shape])
            felt[shape] = name
    assert len(felt) == len(WORDS) + 6


def test_left_and_right_are_told_apart():
    words = all_words()
    for name in ("drop", "drop with a quiet glute", "success", "reached"):
        for side in (SIDE_LEFT, SIDE_RIGHT):
            assert {pulse[0] for pulse in words[name, side][0]} == {side}
    assert len(words["drop", SIDE_LEFT][0]) == 1 and len(words["drop with a quiet glute", SIDE_LEFT][0]) == 2


def test_strength_is_the_setting_and_a_success_is_lighter():
    for strength_pct in (10, 80, 100):
        haptics = Haptics()
        speaker = Speaker(haptics, strength_pct)
        speaker.say("started", 0)
        haptics.running = False
        speaker.success(SIDE_LEFT, 1000)
        assert [strength for _, strength in haptics.played] == [strength_pct, int(0.6 * strength_pct)]


# Of what is being said, what may interrupt it.
ORDER = (("success",), ("started", "stopped", "stood", "battery", "flash", "drill"), ("drop",), ("fault", "misplaced"))


def say(speaker, name):
    if name == "drop":
        return speaker.cue(cue(SIDE_RIGHT), 0)
    return speaker.success(SIDE_LEFT, 0) if name == "success" else speaker.say(name, 0)


def test_the_more_urgent_is_said_and_the_lesser_left_out():
    assert {name for names in ORDER for name in names} >= {name for name, _, _ in WORDS}
    for least, first in enumerate(ORDER):
        for name in first:
            for rank, others in enumerate(ORDER):
                for other in others:
                    haptics = Haptics()
                    speaker = Speaker(haptics, 80)
                    assert say(speaker, name)
                    assert bool(say(speaker, other)) == (rank >= least), (name, other)
                    assert len(haptics.played) == 1 + (rank >= least)
                    haptics.running = False  # it has been said
                    assert say(speaker, name)


def test_an_unknown_word_is_none():
    assert "hello" in str(raises(KeyError, Speaker(Haptics(), 80).say, "hello", 0))


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()

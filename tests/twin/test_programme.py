"""The programme's progress through JSON in single precision, as on the clip."""

import json

from hipcue.contract import config
from hipcue.programme import Programme


def test_the_same_settings_are_the_same_programme_though_json_does_not_bring_every_number_back():
    unlike = [value for value in (json.loads("0.%03d" % k) for k in range(1000)) if again(value) != value]
    assert unlike
    for value in unlike:
        settings = config.validate({"cue_tighten_deg": value})
        programme = Programme(settings)
        programme.pass_time(2000, True)
        assert Programme(settings, again(programme.progress(1790000000123, False))).whole_ms == 2000, value


def test_a_time_since_1970_comes_back_whole():
    settings = config.defaults()
    programme = Programme(settings)
    programme.pass_time(3600 * 1000, True)
    stored = again(programme.progress(1790000000123, True))
    assert stored["stopped_unix_ms"] == 1790000000123
    programme = Programme(settings, stored)
    assert programme.start_run(1790000000123 + 7199999)
    assert not Programme(settings, stored).start_run(1790000000123 + 7200000)


def again(value):
    return json.loads(json.dumps(value))


assert "cue_tighten_deg" in config.PROGRAMME
for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()

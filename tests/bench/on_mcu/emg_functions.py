"""The functions of the EMG core that the bench times."""

# The module and, in it, the function as its caller finds it (see stages.py).
FUNCTIONS = (
    ("hipcue.core.emg", "Emg.push"),
    ("hipcue.core.emg", "Emg._process"),
    ("hipcue.core.emg", "power"),
    ("hipcue.core.emg_slots", "Slots.make_room"),
    ("hipcue.core.emg", "Emg.read_step"),
    ("hipcue.core.emg", "Emg._shares"),
    ("hipcue.core.emg", "Emg._judge"),
    ("hipcue.core.emg", "Emg._marks"),
    ("hipcue.core.emg", "Emg._onset_ms"),
    ("hipcue.core.emg", "onset"),
    ("hipcue.core.emg", "Emg.median_frequencies_hz"),
)

# make demo   set up, then replay a made-up 12-minute run through the firmware on the twin
# make test   set up, then run all tests
# make accuracy   the clip's errors beside published filters', as table and picture (see tests/bench/accuracy.mk)
# make emg-accuracy   what the EMG core reads from made-up EMG with known truth (see tests/bench/emg.mk)
# make emg-loss   EMG samples lost over an hour, by the log and by the modelled chip
# make bench  what the core costs on an emulated Cortex-M4F (see tests/bench/bench.mk for its variables)
# make scenarios  what must make the clip abstain, and whether it does (see tests/bench/scenarios.mk)
# make cues   when the clip buzzes and when not: false cues, bouts found, latency (see tests/bench/cues.mk)
# make torture  what power cuts, resets and damage cost a log (see tests/bench/torture.mk)
# make soak   a week of runs, idle, resets and flat batteries (see tests/bench/soak.mk)
# make torture-pull  downloads that end anywhere, resumed to the identical file
# make bench-pull  the download against its line and mpremote, and the decoder (see tests/bench/pull.mk)
# make fuzz   decoder, settings and console fed with anything, for some minutes (see tests/fuzz/fuzz.mk)
# make twin   build the clip without hardware (see boards/TWIN/twin.mk for its variables)

PYTHON ?= python3
# Many tests wait for a serial line: two at once take half the time.
TEST_PROCESSES ?= 2
VENV := .venv

.PHONY: demo test venv
.DEFAULT_GOAL := demo

include boards/TWIN/twin.mk
include tests/bench/bench.mk
include tests/bench/accuracy.mk
include tests/bench/emg.mk
include tests/bench/scenarios.mk
include tests/bench/torture.mk
include tests/bench/cues.mk
include tests/bench/soak.mk
include tests/bench/pull.mk
include tests/fuzz/fuzz.mk

demo: venv twin
	@$(VENV)/bin/hipcue sim --runner demo --out out/demo

test: venv twin
	@$(VENV)/bin/python -m pytest -n $(TEST_PROCESSES) --dist loadfile

venv: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "hipcue: needs Python 3.11 or newer; name one with PYTHON=<program>" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "hipcue: Python's venv is missing. Install with: apt-get install python3-venv" >&2; exit 1; }
	@echo 'hipcue: setting up $(VENV)'
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# When the clip buzzes and when not: false cues, bouts found, latency. Included by the top-level Makefile; `make cues`.
#
#   HOURS=<number>   of standing, walking, stairs, driving and sitting (default 10)

HOURS ?= 10

.PHONY: cues
cues: venv twin
	@$(VENV)/bin/python $(BENCH_ROOT)/cues.py --hours $(HOURS)

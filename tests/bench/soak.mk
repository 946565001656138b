# make soak   168 hours of the store, and 7 runs of an hour of the whole clip, on the twin: about ten minutes, two
#             with USER_C_MODULES; SOAK_MINUTES=<number>: of a run (default 60)

SOAK_MINUTES ?= 60

.PHONY: soak
soak: venv twin
	@$(VENV)/bin/python $(TWIN_ROOT)/tests/bench/soak.py --minutes $(SOAK_MINUTES)

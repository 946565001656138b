# make soak   168 hours of the store and of the whole clip, seven runs of an hour in each, on the twin: four minutes to a
#             quarter of an hour with USER_C_MODULES; SOAK_MINUTES=<number>: of a run (default 60)

SOAK_MINUTES ?= 60

.PHONY: soak
soak: venv twin
	@$(VENV)/bin/python $(TWIN_ROOT)/tests/bench/soak.py --minutes $(SOAK_MINUTES)

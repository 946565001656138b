# make torture   cut the power at every flash operation of two sessions, reset there, damage logs at random; for about
#                a minute

.PHONY: torture
torture: venv twin
	@$(VENV)/bin/python $(TWIN_ROOT)/tests/bench/torture.py

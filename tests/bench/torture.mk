# make torture   cut the power at every flash operation of two sessions, reset there, damage logs at random; then
#                end downloads anywhere (make torture-pull alone does that); for about three minutes

.PHONY: torture
torture: venv twin
	@$(VENV)/bin/python $(TWIN_ROOT)/tests/bench/torture.py
	@$(VENV)/bin/python $(TWIN_ROOT)/tests/bench/torture_pull.py

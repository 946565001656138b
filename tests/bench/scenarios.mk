# make scenarios   replay what must make the clip abstain (standing, walking, a slipped clip ...) and judge it
#                  SCENARIOS="walking stairs" names some

.PHONY: scenarios
scenarios: venv twin
	@$(VENV)/bin/python tests/bench/scenarios.py $(SCENARIOS)

# make emg-accuracy   what the EMG core reads from made-up EMG with known truth (its cost: make bench)

.PHONY: emg-accuracy
emg-accuracy: venv
	@$(VENV)/bin/python tests/bench/emg_accuracy.py

.PHONY: emg-loss
emg-loss: venv twin
	@$(VENV)/bin/python $(BENCH_ROOT)/emg_loss.py

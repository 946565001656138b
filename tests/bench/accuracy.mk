# make accuracy   error of the clip on the twin, side by side with published filters. Included by the top-level Makefile.
#
#   RECORDINGS="<folder> ..."   more recording folders, or folders of them

ACCURACY_READY := $(VENV)/.accuracy-installed

.PHONY: accuracy
accuracy: venv twin $(ACCURACY_READY)
	@$(VENV)/bin/python -m host_tools.accuracy $(RECORDINGS)

$(ACCURACY_READY): pyproject.toml | venv
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[accuracy]'
	@touch $@

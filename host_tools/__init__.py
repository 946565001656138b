"""The `hipcue` command: what runs on the computer the clip is plugged into."""

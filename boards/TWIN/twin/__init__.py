"""The clip without hardware: register models, a modelled flash and a virtual clock."""

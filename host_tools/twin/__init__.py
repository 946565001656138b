"""The clip without hardware: its process, and the scene that its sensors see."""

"""Sessions from a raw image of a clip's flash, when the clip itself no longer gives them."""

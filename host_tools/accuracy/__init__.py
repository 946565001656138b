"""`make accuracy`: the clip on every recording at hand, side by side with published filters on the same signals."""

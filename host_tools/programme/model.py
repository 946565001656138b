"""How a made-up runner answers cues: the parameters, each with its source or marked as assumed.

The runner's pelvis drops by a habit on the left, and steps scatter around it.
What a cue teaches has two states, as in motor adaptation (Smith, Ghazizadeh &
Shadmehr 2006, PLoS Biol 4:e179), both moved by a share of the error:

- `fast`: what the buzz brings about there and then. It is forgotten within
  seconds and gone by the next day.
- `slow`: what becomes the runner's own. It alone is there the day after
  (Joiner & Smith 2008, J Neurophysiol 100:2948).

Feedback helps while it is there, and who can rely on it does not learn to do
without (the guidance hypothesis: Salmoni, Schmidt & Walter 1984, Psychol Bull
95:355). In experiments less feedback, and ever less, left as much or more
behind than feedback every time, and did so too when it was tested with
feedback: it is learning that suffers, not what is learnt that cannot be called
up (Winstein & Schmidt 1990, J Exp Psychol Learn 16:677). So here

- `reliance` follows how much of the latest running had feedback, from 0 to 1
  (a motor that could buzz and is silent is feedback too);
- a cue moves the slow state by `slow_gain` less the share `dependence *
  reliance` of it.

With a `dependence` of 0 more cues are always better; how large it is in
running nobody has measured.
"""

# name, value, unit, source
PARAMETERS = (
    ("habit_deg", 7.5, "deg", "assumed; healthy runners 5 (SD 2), injured ones 2 to 3 more (Bramah et al. 2018)"),
    ("habit_sd_deg", 0.5, "deg", "assumed: from runner to runner"),
    ("other_side_deg", 4.0, "deg", "assumed: 2 deg under the target, where false cues are counted"),
    ("fatigue_deg", 0.8, "deg per 30 min", "assumed"),
    ("step_sd_deg", 1.0, "deg", "assumed: scatter of the runner's own steps"),
    ("sensor_sd_deg", 1.0, "deg", "assumed, so that both together make the 1.4 deg of the rule's design"),
    ("cadence_per_min", 170.0, "steps/min", "the demo's"),
    ("delay_steps", 2, "same-side steps", "assumed: from the buzz to the first corrected step"),
    ("fast_gain", 0.21, "of the error", "Smith et al. 2006, per trial"),
    ("fast_kept", 0.92, "per step", "assumed: Smith et al. 2006 give 0.59 per trial, which is longer"),
    ("slow_gain", 0.02, "of the error", "Smith et al. 2006, per trial"),
    ("slow_kept", 0.99998, "per step", "assumed: what runners learn has been held for months (Willy et al. 2012)"),
    ("kept_overnight", 0.9, "of the slow state", "assumed"),
    ("gain_spread", 0.3, "of its logarithm", "assumed: both gains, from runner to runner"),
    ("dependence", 0.95, "of the slow gain", "assumed: so that fading wins, as with Winstein & Schmidt 1990"),
    ("reliance_steps", 1000, "same-side steps", "assumed: 12 minutes, to rely on feedback or to lose that"),
    ("too_far_share", 0.1, "of cues", "assumed: answered by twice the correction"),
)
# Values of `dependence` that are compared, from none to all of the slow gain.
DEPENDENCES = (0.0, 0.5, 0.8, 0.9, 1.0)


def parameters(**changes):
    """Return {name: value}, with `changes`."""
    return {name: value for name, value, _, _ in PARAMETERS} | changes

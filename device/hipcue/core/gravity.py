"""The direction of gravity while running, and the gyroscope's bias, from whole steps.

In a frame carried along by the gyroscope alone ("carried frame") gravity is
constant but for the slow drift that the gyroscope's bias leaves. Over a whole
stride the body's own acceleration averages to nothing but the change of its
velocity; sums over steps, weighted by a triangle, therefore leave gravity:
a triangle is a box over 12 steps convolved with a box over 12 (or 6) steps,
so it is blind to anything that repeats with the stride or alternates between
left and right, and to the velocity at its ends. Normalised once, never per
sample: flight is near 0 g.

Longer windows are affordable because the gyroscope's noise (LSM6DSOX:
3.8 mdps/sqrt(Hz), datasheet table 3) makes 0.01 deg over 4 s. Measured on
the virtual recording RBDS001: zero-mean error 0.05 deg for one box of 12
steps, 0.03 deg for the triangle of 12 and 12.
"""

from hipcue.core.rotation import cross, dot, scaled, turned_back, unit

BOX_STEPS = 12
LEAST_STEPS = 6
CAUSAL_STEPS = 17  # boxes of 12 and 6: the window behind a cue
SETTLED_STEPS = 23  # boxes of 12 and 12: the window around a logged step
BIAS_STEPS = 24
# Share of the apparent drift taken into the bias per step: a time constant of
# about 60 steps, slower than the 24-step measurement it follows.
BIAS_GAIN = 1.0 / 60.0


def window(count):
    """Return the weights of the longest symmetric window for `count` steps: two even boxes convolved.

    Even boxes cancel what alternates between left and right. ValueError below 3.
    """
    if count < 3:
        raise ValueError("a window needs at least 3 steps")
    outer = min(BOX_STEPS, (count - 1) // 2 * 2)
    inner = min(BOX_STEPS, (count - outer + 1) // 2 * 2)
    return [min(i + 1, inner, outer + inner - 1 - i) for i in range(outer + inner - 1)]


def direction(steps):
    """Return the unit vector of gravity's reaction ("up") in the carried frame, or None.

    `steps`: whole steps in order, each with `force_sum` (vector, m/s2 summed
    over its samples, carried frame) and `steady` (False: not weighed). The
    window is centred on them. None when fewer than LEAST_STEPS are steady.
    """
    if sum([1 for step in steps if step.steady]) < LEAST_STEPS:
        return None
    weights = window(len(steps))
    first = (len(steps) - len(weights)) // 2
    x = y = z = 0.0
    for i, weight in enumerate(weights):
        step = steps[first + i]
        if step.steady:
            x += weight * step.force_sum[0]
            y += weight * step.force_sum[1]
            z += weight * step.force_sum[2]
    return unit((x, y, z))


def drift_rads(steps, samples_per_second):
    """Return the turning of "up" in the carried frame, a vector in rad/s, or None.

    Compares the last 12 whole steps with the 12 before. A bias b turns up at
    b x up, so up_old x up_new / time is the part of the bias across gravity;
    the part along gravity does not reach the obliquity.
    """
    recent = steps[-BIAS_STEPS:]
    if len(recent) < BIAS_STEPS or not all([step.steady for step in recent]):
        return None
    halves = []
    for part in (recent[:BOX_STEPS], recent[BOX_STEPS:]):
        halves.append(unit(tuple([sum([step.force_sum[i] for step in part]) for i in range(3)])))
    seconds = sum([step.samples for step in recent[:BOX_STEPS]]) / samples_per_second
    return scaled(cross(halves[0], halves[1]), 1.0 / seconds)


def corrected_bias(bias, drift, matrix):
    """Return the bias (vector, body frame) moved a little by the `drift` seen in the carried frame."""
    seen = turned_back(matrix, drift)
    return tuple([bias[i] + BIAS_GAIN * seen[i] for i in range(3)])


def load_factor(steps, gravity_mps2):
    """Return |mean specific force| of whole `steps` over gravity: 1 when the body's velocity is kept."""
    total = [sum([step.force_sum[i] for step in steps]) for i in range(3)]
    samples = sum([step.samples for step in steps])
    return dot(total, total) ** 0.5 / (samples * gravity_mps2)

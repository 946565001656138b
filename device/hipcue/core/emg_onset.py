"""Onset of a burst: where the RMS envelope leaves the quiet part of the stride.

Baseline + 3 standard deviations held for 25 ms is among the settings of Hodges
& Bui 1996 (Electroenceph Clin Neurophysiol 101:511) that agree best with an
expert's eye. Their rule takes the first window over the threshold, which
begins early by up to the window's length. Here the threshold decides only
whether there is a burst; where it begins is the change point: the minimum of
the running sum of power less threshold, which for a step in the variance of
Gaussian noise is the maximum-likelihood estimate (Page 1954, Biometrika
41:100; Staude & Wolf 1999, Med Eng Phys 21:449 on EMG).
"""

import math

import micropython
from ulab import numpy as np

from hipcue.core.emg_filters import running_sum

HELD = 2  # slots of 12 samples: 24 ms at 1000 Hz, the envelope's window as well
DEVIATIONS = 3.0
# Standard deviation of a slot's energy over its mean, of Gaussian noise with the spectrum of a surface EMG (median
# 95 Hz, through the front end). Measured in the eight slots of half a stance it would scatter by a quarter, and the
# onset with it.
SLOT_SCATTER = 0.65
# Energy at which the envelope is 3 SD over its mean, in that mean's: the envelope is the root mean square of HELD
# slots, so that SD(rms) = SD(energy) / sqrt(HELD) / (2 rms).
THRESHOLD = (1.0 + DEVIATIONS * SLOT_SCATTER / (2.0 * math.sqrt(HELD))) ** 2


@micropython.native
def onset(energy, level):
    """Return the position in `energy` (1-D, per slot, from quiet to the burst's peak) of the first active slot.

    `level`: the energy of a slot from which on it is active. None when the activity began before the first slot
    or does not hold.
    """
    excess = running_sum(energy - level)
    last_quiet = int(np.argmin(excess))
    if last_quiet + HELD >= len(energy) or excess[last_quiet] >= 0.0:
        return None
    return last_quiet + 1 if excess[last_quiet + HELD] > excess[last_quiet] else None

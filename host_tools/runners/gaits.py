"""Pelvis motion over one stride, as harmonics: one table per gait.

Phase 0 is left initial contact, 0.5 right. Angles follow the sequence rotation
(about z, up), obliquity (about x, forward), tilt (about y, left): obliquity is
then exactly asin(up . y_body), positive with the left side up, and tilt is
positive forwards (Baker 2001, J Biomech 34:783 gives the reasons for the order).
"""

from dataclasses import dataclass, replace

import numpy as np

# A table row: (harmonic of the stride, cosine amplitude, sine amplitude).
Table = tuple[tuple[int, float, float], ...]


@dataclass(frozen=True)
class Gait:
    """Mean stride of one gait, measured at `stride_s`; degrees and mm in the tables."""

    stride_s: float
    contact_share: float  # of the stride, each foot
    tilt_offset_deg: float  # forward lean against quiet standing
    impact_mps2: float  # peak of the ripple that a contact leaves in the clip
    rotation_deg: Table
    obliquity_deg: Table
    tilt_deg: Table
    forward_mm: Table
    left_mm: Table
    up_mm: Table
    push_mm: Table = ()  # to the left; gives 1 m/s2 to the left at its largest, in a left stance


# Treadmill running at 2.5 m/s, 38 strides, subject RBDS001 (Fukuchi, Fukuchi &
# Duarte 2017, PeerJ 5:e3298, CC BY 4.0): least squares on the pelvis frame of the
# ASIS and PSIS markers and on the mid-PSIS point, where a waistband clip sits.
# Left and right are averaged by mirror symmetry: odd harmonics only for what
# changes sign between the sides, even ones for the rest. Sideways harmonics over
# the third are left out: below 1 mm, and as much skin and marker as pelvis. The
# lean and the ripple are not in those data: they are plausible figures.
RUN = Gait(
    stride_s=0.7652,
    contact_share=0.363,
    tilt_offset_deg=4.0,
    impact_mps2=5.0,
    rotation_deg=((1, -0.127, 1.599), (3, 0.241, -0.357), (5, -0.414, 0.341), (7, 0.136, -0.169)),
    obliquity_deg=((1, 3.930, 0.288), (3, -1.667, 0.215), (5, -0.058, 0.260), (7, 0.190, 0.023)),
    tilt_deg=((2, 0.276, -3.082), (4, 0.247, -0.209), (6, 0.109, 0.046), (8, -0.075, 0.044)),
    forward_mm=((2, 15.868, -8.605), (4, -0.481, 1.231)),
    left_mm=((1, 3.222, -5.095), (3, -0.436, -0.046)),
    up_mm=((2, 24.832, -46.057), (4, 2.141, 0.078), (6, 1.002, 0.430), (8, 0.001, 0.458)),
    push_mm=((3, 1.165, -1.165),),  # at 25 % of a step
)

# Walking is not in those data: round figures of an ordinary walk, without flight.
WALK = Gait(
    stride_s=1.07,
    contact_share=0.62,
    tilt_offset_deg=1.0,
    impact_mps2=0.8,
    rotation_deg=((1, -4.0, 0.0),),
    obliquity_deg=((1, 1.2, 2.0), (3, -0.4, 0.0)),
    tilt_deg=((2, 0.8, -0.6),),
    forward_mm=((2, 0.0, -8.0),),
    left_mm=((1, 0.0, 20.0),),
    up_mm=((2, -20.0, 0.0),),
)

# The gaits below are not in those data either. A brisk walk comes near to flight;
# stairs lift the swing side as a drop would, downwards with hard contacts; jumping
# on both feet has the forces of running but no sides; a sprint is the same
# stride with larger turns and impacts.
BRISK_WALK = replace(
    WALK,
    stride_s=0.92,
    impact_mps2=3.0,
    obliquity_deg=((1, 1.8, 3.5), (3, -0.6, 0.0)),
    left_mm=((1, 0.0, 15.0),),
    up_mm=((2, -35.0, 0.0),),
)
STAIRS_UP = replace(
    WALK,
    stride_s=1.26,
    tilt_offset_deg=8.0,
    impact_mps2=1.5,
    obliquity_deg=((1, 3.0, 5.0), (3, -0.8, 0.0)),
    up_mm=((2, -35.0, 10.0),),
)
STAIRS_DOWN = replace(
    WALK,
    stride_s=0.96,
    impact_mps2=10.0,
    obliquity_deg=((1, 3.5, 4.0), (3, -0.8, 0.0)),
    up_mm=((2, -42.0, 18.0),),
)
JUMP = replace(
    RUN,
    contact_share=0.30,
    tilt_offset_deg=2.0,
    impact_mps2=8.0,
    rotation_deg=(),
    obliquity_deg=((2, 1.0, 1.5),),  # the same leg lands first every time
    forward_mm=((2, 4.0, 0.0),),
    left_mm=((2, 2.0, 0.0),),
)
# Every step of the clock is a hop on the left foot: the sides of a stride are alike, and the pelvis drops to the right.
HOP_LEFT = replace(
    JUMP,
    stride_s=0.92,
    obliquity_deg=((2, 0.0, 2.5),),
    left_mm=((2, 0.0, 3.0),),
    push_mm=((4, 1.042, -0.843),),  # 90 ms after the contact
)
SPRINT = replace(
    RUN,
    tilt_offset_deg=7.0,
    impact_mps2=35.0,
    rotation_deg=tuple((order, 1.5 * cosine, 1.5 * sine) for order, cosine, sine in RUN.rotation_deg),
    obliquity_deg=tuple((order, 1.3 * cosine, 1.3 * sine) for order, cosine, sine in RUN.obliquity_deg),
)

GAITS = {
    "walk": WALK,
    "brisk walk": BRISK_WALK,
    "stairs up": STAIRS_UP,
    "stairs down": STAIRS_DOWN,
    "jump": JUMP,
    "hop left": HOP_LEFT,
    "run": RUN,
    "sprint": SPRINT,
}


def harmonics(table, phase):
    """Return the sum of the `table`'s harmonics at `phase` (array, strides), in the table's unit."""
    angle = 2 * np.pi * phase
    total = np.zeros_like(angle)
    for order, cosine, sine in table:
        total += cosine * np.cos(order * angle) + sine * np.sin(order * angle)
    return total

"""Which functions of the core make up which stage.

A row is a stage, the module and, in it, the function as its caller finds it
(what is imported by name is found in the importing module).
"""

REST = "reading of the step"  # what _take does itself

STAGES = (
    ("collect", "hipcue.core.pelvis", "Pelvis.push"),
    ("contacts", "hipcue.core.pelvis", "Pelvis._look"),
    ("contacts", "hipcue.core.pelvis", "Pelvis._new_step"),
    ("contacts", "hipcue.core.contacts", "ContactFinder.find"),
    ("contacts", "hipcue.core.contacts", "ContactFinder.onset"),
    ("rotation", "hipcue.core.pelvis", "Pelvis._pooled"),
    ("rotation", "hipcue.core.pelvis", "rotation_vectors"),
    ("rotation", "hipcue.core.pelvis", "Rotations"),
    ("rotation", "hipcue.core.rotation", "Rotations.turned_sum"),
    ("rotation", "hipcue.core.rotation", "Rotations.turned"),
    ("rotation", "hipcue.core.pelvis", "after"),
    ("rotation", "hipcue.core.pelvis", "straightened"),
    ("gravity", "hipcue.core.gravity", "StepSums.add"),
    ("gravity", "hipcue.core.gravity", "StepSums.direction"),
    ("gravity", "hipcue.core.gravity", "StepSums.drift_rads"),
    ("gravity", "hipcue.core.gravity", "Bias.steps"),
    ("sides", "hipcue.core.pelvis", "Pelvis._witness"),
    ("sides", "hipcue.core.pelvis", "Pelvis._hear"),
    ("sides", "hipcue.core.sides", "Sides.hear"),
    ("sides", "hipcue.core.sides", "Sides.side"),
    ("posture", "hipcue.core.posture", "Posture.step"),
    ("settle", "hipcue.core.pelvis", "Pelvis._settle"),
    ("settle", "hipcue.core.step", "Step.settle"),
    (REST, "hipcue.core.pelvis", "Pelvis._take"),
    (REST, "hipcue.core.pelvis", "Pelvis._judge"),
    (REST, "hipcue.core.pelvis", "Pelvis._read_causal"),
)


def find(module, name):
    """Return (owner, name, function) of a row; AttributeError when the core has it no more."""
    owner = __import__(module, None, None, ("*",))
    *classes, name = name.split(".")
    for each in classes:
        owner = getattr(owner, each)
    return owner, name, getattr(owner, name)

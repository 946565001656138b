"""Which functions of the core make up which stage.

A row is a stage, the module and, in it, the function as its caller finds it
(what is imported by name is found in the importing module).
"""

REST = "reading of the step"  # what _decide does itself

STAGES = (
    ("convert and contacts", "hipcue.core.pelvis", "Pelvis.push"),
    ("convert and contacts", "hipcue.core.contacts", "ContactDetector.candidates"),
    ("convert and contacts", "hipcue.core.contacts", "ContactDetector.place"),
    ("rotation", "hipcue.core.pelvis", "rotation_vectors"),
    ("rotation", "hipcue.core.pelvis", "coefficients"),
    ("rotation", "hipcue.core.pelvis", "turned_rows"),
    ("rotation", "hipcue.core.pelvis", "turned_left_axis"),
    ("rotation", "hipcue.core.pelvis", "rows_in"),
    ("rotation", "hipcue.core.pelvis", "after"),
    ("gravity", "hipcue.core.gravity", "direction"),
    ("gravity", "hipcue.core.gravity", "drift_rads"),
    ("gravity", "hipcue.core.gravity", "corrected_bias"),
    ("gravity", "hipcue.core.gravity", "load_factor"),
    ("sides", "hipcue.core.pelvis", "Pelvis._hear"),
    ("sides", "hipcue.core.pelvis", "Pelvis._side"),
    ("sides", "hipcue.core.pelvis", "Pelvis._parity"),
    ("sides", "hipcue.core.sides", "witnesses"),
    ("settle", "hipcue.core.pelvis", "Pelvis._settle"),
    ("settle", "hipcue.core.pelvis", "Pelvis._read_settled"),
    (REST, "hipcue.core.pelvis", "Pelvis._decide"),
    (REST, "hipcue.core.pelvis", "Pelvis._complete_previous"),
    (REST, "hipcue.core.pelvis", "Pelvis._find_peak"),
    (REST, "hipcue.core.pelvis", "Pelvis._judge"),
)


def find(module, name):
    """Return (owner, name, function) of a row; AttributeError when the core has it no more."""
    owner = __import__(module, None, None, ("*",))
    *classes, name = name.split(".")
    for each in classes:
        owner = getattr(owner, each)
    return owner, name, getattr(owner, name)

"""The inner loops: each takes flat lists of equal length (or a list and a number) and returns a new list.

Lists, not array("f"), because MicroPython boxes a float whenever an array element is read: an addition costs 0.08 us
per element between lists, 0.16 us between arrays. Native code gains under 10 percent here and is left out.
"""

from math import copysign


def add(a, b):
    return [a[i] + b[i] for i in range(len(a))]


def add_number(a, number):
    return [value + number for value in a]


def subtract(a, b):
    return [a[i] - b[i] for i in range(len(a))]


def subtract_number(a, number):
    return [value - number for value in a]


def multiply(a, b):
    return [a[i] * b[i] for i in range(len(a))]


def multiply_number(a, number):
    return [value * number for value in a]


def divide(a, b):
    try:
        return [a[i] / b[i] for i in range(len(a))]
    except ZeroDivisionError:
        return [_quotient(a[i], b[i]) for i in range(len(a))]


def divide_number(a, number):
    if number == 0:
        return [_quotient(value, number) for value in a]
    return [value / number for value in a]


def _quotient(value, divisor):
    """value / divisor as the float unit gives it: infinity or NaN on zero."""
    if divisor != 0:
        return value / divisor
    if value == 0 or value != value:
        return float("nan")
    return copysign(float("inf"), value) * copysign(1.0, divisor)


def divide_integers(a, b):
    """C's integer quotient, towards zero, as a float: what ulab returns for two integer arrays."""
    return [(abs(a[i]) // abs(b[i])) * (1.0 if (a[i] < 0) == (b[i] < 0) else -1.0) for i in range(len(a))]


def divide_integers_number(a, number):
    return divide_integers(a, [number] * len(a))


def minimum(a, b):
    return [a[i] if a[i] < b[i] else b[i] for i in range(len(a))]


def minimum_number(a, number):
    return [value if value < number else number for value in a]


def maximum(a, b):
    return [a[i] if a[i] > b[i] else b[i] for i in range(len(a))]


def maximum_number(a, number):
    return [value if value > number else number for value in a]


def greater(a, b):
    return [a[i] > b[i] for i in range(len(a))]


def greater_number(a, number):
    return [value > number for value in a]


def greater_equal(a, b):
    return [a[i] >= b[i] for i in range(len(a))]


def greater_equal_number(a, number):
    return [value >= number for value in a]


def less(a, b):
    return [a[i] < b[i] for i in range(len(a))]


def less_number(a, number):
    return [value < number for value in a]


def less_equal(a, b):
    return [a[i] <= b[i] for i in range(len(a))]


def less_equal_number(a, number):
    return [value <= number for value in a]


def equal(a, b):
    return [a[i] == b[i] for i in range(len(a))]


def equal_number(a, number):
    return [value == number for value in a]


def not_equal(a, b):
    return [a[i] != b[i] for i in range(len(a))]


def not_equal_number(a, number):
    return [value != number for value in a]


ADD = (add, add_number)
SUBTRACT = (subtract, subtract_number)
MULTIPLY = (multiply, multiply_number)
DIVIDE = (divide, divide_number)
DIVIDE_INTEGERS = (divide_integers, divide_integers_number)
MINIMUM = (minimum, minimum_number)
MAXIMUM = (maximum, maximum_number)
GREATER = (greater, greater_number)
GREATER_EQUAL = (greater_equal, greater_equal_number)
LESS = (less, less_number)
LESS_EQUAL = (less_equal, less_equal_number)
EQUAL = (equal, equal_number)
NOT_EQUAL = (not_equal, not_equal_number)

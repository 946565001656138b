"""Device drivers, one chip a file; buses and pins are passed in."""

"""Real servers and a fault proxy for the tests, so that nothing about storage has to be imagined."""

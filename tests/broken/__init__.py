"""Deliberate breaks of the program, one at a time, and the tests that must notice (`make broken`)."""

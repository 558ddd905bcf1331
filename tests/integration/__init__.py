"""Tests with the real parts: real stores, real servers, real processes."""

"""Tests of one module at a time: no servers, no processes that last, a folder of the test's own for a store."""

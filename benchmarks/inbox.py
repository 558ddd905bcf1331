"""The first page of the inbox, with 100,000 requests open and 1,000,000 closed.

The place of a measurement that is taken once there is an inbox: a `MEASUREMENT` like those of the other modules, with a
name in `benchmarks.run`. `benchmarks.programs.history` fills a store with requests that are finished.
"""

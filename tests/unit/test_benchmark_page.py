"""Holds what is written of what the benchmark measured. Nothing is measured here."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import pytest

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal, Samples, written
from benchmarks.measurement import Measurement
from benchmarks.page import Results, page, table
from benchmarks.programs.waiting import in_each
from benchmarks.waiting import tick_figure


def _nothing(_: Bench) -> list[Figure]:
    return []


WAKE = Measurement(
    name="wake", title="Going on", method="By a clock.", caveats="- It is far.", seconds=1, figures=_nothing
)
OTHER = Measurement(name="other", title="Another", method="With a ruler.", seconds=1, figures=_nothing)


def _figure(this: Sequence[float], earlier: Sequence[float] | None = None, **details: object) -> Figure:
    return Figure(
        what="waking",
        unit="ms",
        this=Samples.of(this),
        earlier=None if earlier is None else Samples.of(earlier),
        **details,  # type: ignore[arg-type]  # Each test knows what it says.
    )


def _cells(figure: Figure) -> list[str]:
    return table([figure]).splitlines()[-1].strip("| ").split(" | ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1"),
        (1.001, "1"),
        (0.05, "0.05"),
        (0.012345, "0.0123"),
        (4.9, "4.9"),
        (12.345, "12.3"),
        (99.96, "100"),
        (999.6, "1,000"),
        (1234.5, "1,230"),
        (10_000, "10,000"),
        (100, "100"),
        (-2.5, "-2.5"),
    ],
)
def test_numbers_have_three_significant_digits_and_no_zeros_that_say_nothing(value: float, text: str) -> None:
    assert written(value) == text


def test_a_row_has_the_median_and_from_where_to_where_the_samples_go() -> None:
    assert _cells(_figure([3, 1, 2], [30, 10, 20])) == [
        "waking",
        "–",
        "2 ms (1 to 3; 3)",
        "20 ms (10 to 30; 3)",
        "10 ×",
    ]


def test_one_sample_has_no_spread() -> None:
    assert _cells(_figure([3]))[2:] == ["3 ms", "–", "–"]


def test_the_95th_percentile_is_what_at_most_one_of_twenty_samples_goes_beyond() -> None:
    assert Samples.of(range(1, 21)).p95 == 19
    assert Samples.of(range(1, 22)).p95 == 20
    assert Samples.of([7]).p95 == 7


def test_a_row_of_the_95th_percentile_says_so_and_is_held_to_its_goal_by_it() -> None:
    cells = _cells(_figure([1] * 10 + [9] * 10, statistic="p95", goal=Goal(8)))
    assert cells[:3] == ["waking, 95th percentile", "≤ 8 ms, **missed**", "9 ms (1 to 9; 20)"]


@pytest.mark.parametrize(
    ("this", "goal", "is_more_better", "words"),
    [
        (20, Goal(20), False, "≤ 20 ms, met"),
        (20.1, Goal(20), False, "≤ 20 ms, **missed**"),
        (20, Goal(20), True, "≥ 20 ms, met"),
        (19.9, Goal(20), True, "≥ 20 ms, **missed**"),
        (200, Goal(2, is_times_earlier=True), True, "≥ 2 × the earlier, met"),
        (199, Goal(2, is_times_earlier=True), True, "≥ 2 × the earlier, **missed**"),
    ],
)
def test_a_goal_is_met_at_its_limit_and_missed_beyond(
    this: float, goal: Goal, is_more_better: bool, words: str
) -> None:
    assert _cells(_figure([this], [100], goal=goal, is_more_better=is_more_better))[1] == words


def test_a_goal_in_terms_of_the_earlier_plugin_is_left_open_where_that_was_not_measured() -> None:
    figure = _figure([200], goal=Goal(2, is_times_earlier=True), is_more_better=True)
    assert figure.is_met is None
    assert _cells(figure)[1] == "≥ 2 × the earlier"


def test_times_better_is_above_one_where_this_package_does_better_whichever_way_round() -> None:
    assert _figure([10], [20]).times_better == 2
    assert _figure([20], [10], is_more_better=True).times_better == 2
    assert _figure([20], [10]).times_better == 0.5
    assert _figure([0], [10]).times_better is None


def test_the_goal_of_a_tick_grows_by_one_call_with_each_thousand_events() -> None:
    assert tick_figure("calls", 10_000, {"this": [11, 11], "earlier": [10_000]}).is_met
    assert not tick_figure("calls", 10_000, {"this": [12, 12], "earlier": [10_000]}).is_met
    assert tick_figure("calls", 1, {"this": [1], "earlier": [1]}).is_met


def test_calls_that_nobody_saw_are_no_figure() -> None:
    with pytest.raises(Exception, match="of the earlier plugin no call to the store was seen"):
        tick_figure("calls", 10, {"this": [1, 1], "earlier": [0, 0]})


def test_moments_are_counted_between_each_two_limits_and_none_twice() -> None:
    assert in_each([0, 5, 10], array("d", [-1, 0, 4.9, 5, 9, 10, 11])) == [2, 2]


def test_the_page_has_the_table_first_then_how_each_is_measured_then_what_is_not_fair() -> None:
    text = page([WAKE, OTHER], Results(figures={"wake": [_figure([2])], "other": [_figure([3])]}, seconds=600))
    parts = [
        "| waking | – | 2 ms |",
        "| waking | – | 3 ms |",
        "10 minutes",
        "By a clock.",
        "With a ruler.",
        "- It is far.",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert text.startswith("# Benchmarks\n")


def test_the_page_leaves_out_what_was_not_measured_and_says_what_failed() -> None:
    text = page([WAKE, OTHER], Results(figures={"wake": [_figure([2])]}, failures={"other": "It broke.\nAt line 2."}))
    assert "With a ruler." not in text
    assert "**Not measured in this run:**\n\n- other: It broke.\n" in text
    assert "At line 2." not in text

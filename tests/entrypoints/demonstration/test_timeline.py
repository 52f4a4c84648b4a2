"""Stories go on at the times that they ask for, in the order of these times."""

from datetime import UTC, datetime, timedelta
from random import Random

from adapters.system.simulated_time import SimulatedTime
from entrypoints.demonstration.timeline import Story, Timeline

START = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_stories_are_told_in_the_order_of_their_times() -> None:
    time, told = SimulatedTime(START, Random(1)), list[tuple[str, datetime]]()
    timeline = Timeline(time.set)

    async def story(name: str, *hours: int) -> Story:
        for hour in hours:
            yield START + hour * HOUR
            told.append((name, time.now()))

    await timeline.begin(START, story("a", 1, 9, 30), Random(2))
    await timeline.begin(START, story("b", 5, 6, 90), Random(3))
    assert told == []
    await timeline.run(START + 48 * HOUR)
    expected = [("a", 1), ("b", 5), ("b", 6), ("a", 9), ("a", 30)]
    assert told == [(name, START + hour * HOUR) for name, hour in expected]
    await timeline.end()
    await timeline.run(START + 480 * HOUR)
    assert len(told) == len(expected)


async def test_a_story_can_begin_another_one_and_never_goes_back_in_time() -> None:
    time, told = SimulatedTime(START, Random(1)), list[datetime]()
    timeline = Timeline(time.set)

    async def second() -> Story:
        yield START
        told.append(time.now())

    async def first() -> Story:
        yield START + HOUR
        await timeline.begin(time.now(), second(), Random(2))

    await timeline.begin(START, first(), Random(3))
    await timeline.run(START + 2 * HOUR)
    assert told == [START + HOUR]

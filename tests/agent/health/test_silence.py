from agent.health.silence import Habit

MINUTE = 60.0


def minutely(count: int) -> Habit:
    habit = Habit()
    for minute in range(count):
        habit.heard(minute * MINUTE)
    return habit


def falls_silent_after(habit: Habit, minutes: int, listening_since_s: float = 0.0) -> list[int]:
    last = habit.last_s or 0.0
    return [minute for minute in range(minutes) if habit.falls_silent(last + minute * MINUTE, listening_since_s)]


def test_a_device_that_speaks_every_minute_is_silent_after_ten_once() -> None:
    assert falls_silent_after(minutely(10), 60) == [11]


def test_a_device_that_speaks_every_hour_is_silent_after_five() -> None:
    habit = Habit()
    for hour in range(10):
        habit.heard(hour * 60 * MINUTE)

    assert falls_silent_after(habit, 600) == [301]


def test_a_device_that_was_hardly_heard_has_no_habit_yet() -> None:
    assert falls_silent_after(minutely(3), 60) == []


def test_a_backlog_that_comes_at_once_is_no_habit() -> None:
    habit = Habit()
    for message in range(500):
        habit.heard(message * 0.001)

    assert habit.intervals == 0


def test_off_on_purpose_is_no_silence_until_it_is_on_again() -> None:
    habit = minutely(10)
    habit.said("power_off")
    off = falls_silent_after(habit, 60)
    habit.said("power_on")

    assert (off, falls_silent_after(habit, 60)) == ([], [11])


def test_an_outage_does_not_become_the_habit() -> None:
    habit = minutely(30)
    habit.heard(30 * MINUTE + 86_400.0)

    assert habit.interval_s < 2 * MINUTE


def test_time_in_which_we_did_not_listen_does_not_count() -> None:
    habit = minutely(10)

    assert falls_silent_after(habit, 60, listening_since_s=9 * MINUTE + 30 * MINUTE) == [41]


def test_who_speaks_again_may_fall_silent_again() -> None:
    habit = minutely(10)
    falls_silent_after(habit, 60)
    habit.heard(100 * MINUTE)

    assert habit.since_s is None
    assert len(falls_silent_after(habit, 100)) == 1

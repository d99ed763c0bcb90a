from ai_gateway.held import Held


class _Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_value_is_held_for_its_time_and_not_longer() -> None:
    clock = _Clock()
    held: Held[str, int] = Held(most=10, seconds=60, now=clock)
    held.put("a", 1)
    clock.at = 59.9
    assert held.get("a") == 1
    clock.at = 60.0
    assert held.get("a") is None


def test_what_ended_is_let_go_though_nobody_asks_for_it() -> None:
    clock = _Clock()
    held: Held[str, int] = Held(most=10, seconds=60, now=clock)
    held.put("a", 1)
    clock.at = 61.0
    held.get("another")
    assert not held._values


def test_the_oldest_goes_when_there_are_too_many() -> None:
    held: Held[str, int] = Held(most=2, seconds=60)
    for n, key in enumerate("abc"):
        held.put(key, n)
    assert [held.get(key) for key in "abc"] == [None, 1, 2]


def test_a_value_put_again_lasts_from_then_on() -> None:
    clock = _Clock()
    held: Held[str, int] = Held(most=10, seconds=60, now=clock)
    held.put("a", 1)
    held.put("b", 2)
    clock.at = 30.0
    held.put("a", 3)
    clock.at = 70.0
    assert (held.get("a"), held.get("b")) == (3, None)


def test_a_value_can_be_dropped_and_so_can_all() -> None:
    held: Held[str, int] = Held(most=10, seconds=60)
    held.put("a", 1)
    held.put("b", 2)
    held.drop("a")
    held.drop("never there")
    assert (held.get("a"), held.get("b")) == (None, 2)
    held.clear()
    assert held.get("b") is None

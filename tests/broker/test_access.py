from broker.access import access_list


def test_a_device_publishes_six_topics_and_hears_two_and_the_agent_has_the_rest() -> None:
    assert access_list().splitlines() == [
        "user amends-agent",
        "topic readwrite amends/v1/#",
        "topic read $SYS/#",
        "",
        "pattern write amends/v1/%u/birth",
        "pattern write amends/v1/%u/status",
        "pattern write amends/v1/%u/telemetry",
        "pattern write amends/v1/%u/event",
        "pattern write amends/v1/%u/result",
        "pattern write amends/v1/%u/feedback",
        "pattern read amends/v1/%u/command",
        "pattern read amends/v1/%u/notice",
    ]

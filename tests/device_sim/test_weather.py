from datetime import timedelta

from device_sim.chance import seeded
from device_sim.weather import Site
from tests.device_sim.examples import NOON


def test_afternoons_are_warmer_than_nights_and_summers_than_winters() -> None:
    site = Site.drawn(0.0, seeded("a site"))
    noon_s = NOON.timestamp()

    night = site.minute(noon_s - timedelta(hours=9).total_seconds())
    afternoon = site.minute(noon_s + timedelta(hours=3).total_seconds())
    summer = site.minute(noon_s + timedelta(days=240).total_seconds())

    assert afternoon.outdoor_c > night.outdoor_c
    assert summer.outdoor_c > afternoon.outdoor_c
    assert 18 < night.indoor_c < 23


def test_the_local_hour_follows_the_sites_own_time() -> None:
    assert Site.drawn(1.0, seeded("east")).minute(NOON.timestamp()).hour == 13.0
    assert Site.drawn(-13.0, seeded("west")).minute(NOON.timestamp()).hour == 23.0

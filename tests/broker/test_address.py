import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.address import Address, parse_address
from broker.errors import BadAddressError

secrets = st.text(st.characters(codec="utf-8"), min_size=1)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://broker.example", Address("broker.example", 1883)),
        ("mqtts://broker.example", Address("broker.example", 8883, tls=True)),
        ("mqtt://anna:pa%40ss@10.0.0.1:1999/", Address("10.0.0.1", 1999, "anna", "pa@ss")),
        ("mqtt://[::1]:1883", Address("::1", 1883)),
        (" mqtt://anna@h ", Address("h", 1883, "anna")),
    ],
)
def test_an_address_is_read_from_a_url(url: str, address: Address) -> None:
    assert parse_address(url) == address


@given(secrets, secrets, st.booleans())
def test_an_address_survives_being_written_as_a_url(user: str, password: str, tls: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
    address = Address("broker.example", 1234, user, password, tls)

    assert parse_address(address.url_with_password()) == address


@given(st.text())
def test_any_text_is_an_address_or_the_one_error(url: str) -> None:
    for text in (url, f"mqtt://{url}"):
        try:
            parse_address(text)
        except BadAddressError:
            continue


@pytest.mark.parametrize(
    "url",
    [
        "",
        "broker:1883",
        "http://h",
        "mqtt://",
        "mqtt://h:0",
        "mqtt://h:99999",
        "mqtt://h:x",
        "mqtt://h/t",
        "mqtt://:s3cret@h",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadAddressError) as refused:
        parse_address(url)

    assert "s3cret" not in str(refused.value)


def test_the_password_is_in_nothing_that_could_be_printed() -> None:
    address = Address("h", 1883, "anna", "s3cret")

    assert "s3cret" not in f"{address} {address!r}"
    assert str(address) == "mqtt://anna@h:1883"
